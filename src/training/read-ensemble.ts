// Several trained networks as one: the members in the folder of an ensemble, or runs that were trained apart.

import { joinMembers } from '../../models/join-members.ts'
import { TrainingError } from '../errors.ts'
import { textIfThere } from '../files.ts'
import type { Evaluation } from './evaluate.ts'
import { errorsOf, readRun, type TrainedRun } from './read-run.ts'
import { memberFolder, runPaths } from './run-folder.ts'
import { exists } from './standing.ts'

/**
 * Reads runs as the members of one network. Their domains are of their own features: of the whole nothing is known.
 * @param folders of runs, and of ensembles, whose members count one by one
 * @throws TrainingError for fewer than two runs, and as readRun does; ConfigError for runs that do not predict the same
 */
export async function readEnsemble(folders: readonly string[]): Promise<TrainedRun> {
  const members = (await Promise.all(folders.map(membersOf))).flat()
  if (members.length < 2) {
    throw new TrainingError(
      `${folders.join(', ')}: one run alone is no ensemble; train with --ensemble N, or name several runs`,
    )
  }
  const runs = await Promise.all(members.map(readRun))
  const [{ training }] = runs
  const published = runs.findIndex(({ mode }) => mode === 'published')
  if (published >= 0) {
    throw new TrainingError(
      `${members[published]} was trained in mode published: members of an ensemble share the images of mode converged`,
    )
  }
  const radii = runs.flatMap(({ geometry }) => geometry.radius ?? [])
  return {
    ...joinMembers(runs),
    mode: 'converged',
    // A member that was given none takes the one that its error bound asks for.
    geometry: radii.length === runs.length ? { radius: Math.max(...radii) } : {},
    training: {
      data: [...new Set(runs.map((run) => run.training.data))].join(', '),
      crystals: training.crystals,
      metrics: folders.length === 1 ? await metricsOf(folders[0]) : {},
    },
    remarks: runs.flatMap(({ remarks }) => remarks),
  }
}

/** The run itself, or the members of an ensemble. */
async function membersOf(folder: string): Promise<string[]> {
  if (await exists(runPaths(folder).config)) return [folder]
  const members: string[] = []
  for (;;) {
    const member = memberFolder(folder, members.length)
    if (!(await exists(runPaths(member).config))) break
    members.push(member)
  }
  // What is wrong with a folder that is no run is said where it is read.
  return members.length > 0 ? members : [folder]
}

/** Errors of the mean prediction, where the ensemble came to its end. */
async function metricsOf(folder: string): Promise<Record<string, number>> {
  const text = await textIfThere(runPaths(folder).evaluation)
  if (text === undefined) return {}
  return errorsOf(JSON.parse(text) as { val: Evaluation | null; test: Evaluation | null })
}
