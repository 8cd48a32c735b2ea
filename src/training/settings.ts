// The settings of a run on disk: written when it starts, read back and compared when it is resumed.

import { rm } from 'node:fs/promises'
import type { Crystals } from '../data/crystals.ts'
import { TrainingError } from '../errors.ts'
import { truncateMetrics } from './metrics.ts'
import { type Given, refuseOthers, settingsOf } from './new-settings.ts'
import { findRunEvaluation } from './run-evaluation.ts'
import { memberFolder, readRunConfig, runPaths, type Settings, writeRunConfig } from './run-folder.ts'
import { exists } from './standing.ts'
import type { TrainingRun } from './training-run.ts'

/** What settings come from, and where they are kept. */
type GivenRun = Given & Pick<TrainingRun, 'runFolder'>

/** Validates what a new run was given and writes config.json. @throws TrainingError for what cannot be. */
export async function newSettings(run: GivenRun, name: string, crystals: Crystals): Promise<Settings> {
  const paths = runPaths(run.runFolder)
  const { splits, ...settings } = settingsOf(run, crystals)
  // What a process left that died in its first epoch, or a training that diverged there.
  for (const path of [paths.evaluation, paths.domain, paths.weights, paths.report])
    await rm(path, { force: true })
  const written = await writeRunConfig(paths.config, {
    ...settings,
    data: { name, sha256: crystals.sha256(), ...splits },
  })
  await truncateMetrics(paths.metrics, 0)
  return written
}

/** What can be in a folder: a network, an ensemble, or a sweep. */
const KINDS = {
  network: 'the run of a single network',
  ensemble: 'an ensemble',
  sweep: 'a sweep',
}

/** @throws TrainingError for a folder that holds a run of another kind. */
export async function refuseOtherKinds(runFolder: string, own: keyof typeof KINDS): Promise<void> {
  const { config, sweep } = runPaths(runFolder)
  const signs = { network: config, ensemble: memberFolder(runFolder, 0), sweep }
  for (const [kind, title] of Object.entries(KINDS)) {
    if (kind === own || !(await exists(signs[kind as keyof typeof KINDS]))) continue
    throw new TrainingError(`${runFolder} holds ${title} already; choose another folder`)
  }
}

/** @throws TrainingError when a new run in this folder would take something away. */
export async function refuseToReplace(runFolder: string): Promise<void> {
  const paths = runPaths(runFolder)
  await refuseOtherKinds(runFolder, 'network')
  if (await exists(`${paths.checkpoint}/state.json`)) {
    throw new TrainingError(`${runFolder} holds a run already; resume it, or choose another folder`)
  }
  if ((await exists(paths.weights)) && !(await findRunEvaluation(paths.evaluation))?.diverged) {
    throw new TrainingError(`${paths.weights} is there already; choose another folder`)
  }
}

/** The settings that the run was started with. @throws TrainingError when the data or a given setting differs. */
export async function resumedSettings(run: GivenRun, crystals: Crystals): Promise<Settings> {
  const path = runPaths(run.runFolder).config
  const settings = await readRunConfig(path)
  if (settings.data.sha256 !== crystals.sha256()) {
    throw new TrainingError(`the data is not that of ${path} (its sha256 differs); resume with the same data`)
  }
  const [given, trained] = [run.targets, settings.targets].map((targets) =>
    targets.map((t) => t.name).join(', '),
  )
  if (given !== trained) {
    throw new TrainingError(`the targets are ${given}, the run in ${run.runFolder} learns ${trained}`)
  }
  for (const [t, { name, unit, transform = 'none' }] of settings.targets.entries()) {
    const given = run.targets[t]
    if (given.unit !== undefined && given.unit !== unit) {
      throw new TrainingError(`the unit of ${name} is ${given.unit}, the run in ${run.runFolder} has ${unit}`)
    }
    if (given.transform !== undefined && given.transform !== transform) {
      const [asked, learns] = [given.transform, transform].map((of) => (of === 'none' ? 'value' : of))
      throw new TrainingError(
        `the ${asked} of ${name} is asked for, the run in ${run.runFolder} learns its ${learns}`,
      )
    }
  }
  const stored = { ...settings.model, ...settings.training }
  const { num_targets: _, ...network } = run.config ?? {}
  refuseOthers({ ...network, ...run.options }, stored, `the run in ${run.runFolder} was started with`)
  return settings
}
