// Several runs that differ in their seed, and the errors of the mean of their predictions: usually some percent better
// than any of them, and their spread says how far a prediction can be trusted.

import { writeWhole } from '../files.ts'
import { type EvaluatedCrystal, type Evaluation, errorsOf } from './evaluate.ts'
import { trainingOptions } from './options.ts'
import { type TrainingResult, type TrainingRun, train } from './run.ts'
import { hasRun, readRunConfig, runPaths } from './runFolder.ts'

export interface EnsembleResult {
  readonly members: readonly TrainingResult[]
  /** Of the mean prediction; null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
}

/** Folder of a member. */
export function memberFolder(runFolder: string, member: number): string {
  return `${runFolder}/member-${member}`
}

/**
 * Trains `count` networks one after the other, each in a run folder of its own inside `runFolder`, with the seeds that
 * follow that of the options, and writes `evaluation.json` of their mean. With `resume`, members that are done are kept
 * and those that have not begun are started.
 */
export async function trainEnsemble(run: TrainingRun, count: number): Promise<EnsembleResult> {
  const members: TrainingResult[] = []
  for (let n = 0; n < count; n++) {
    const runFolder = memberFolder(run.runFolder, n)
    const begun = run.resume === true && (await hasRun(runFolder))
    const settings = begun ? {} : await settingsOf(run, n)
    members.push(await train({ ...run, ...settings, runFolder, resume: begun }))
  }
  const val = meanEvaluation(members.map((member) => member.val))
  const test = meanEvaluation(members.map((member) => member.test))
  await writeWhole(`${run.runFolder}/evaluation.json`, JSON.stringify({ members: count, val, test }))
  return { members, val, test }
}

/** What a member is started with: what was asked for, or what the first member of a resumed ensemble has. */
async function settingsOf(
  run: TrainingRun,
  member: number,
): Promise<Pick<TrainingRun, 'config' | 'options'>> {
  const first = memberFolder(run.runFolder, 0)
  const { model: config, training: options } =
    run.resume && (await hasRun(first))
      ? await readRunConfig(runPaths(first).config)
      : { model: run.config, training: trainingOptions(run.options) }
  return { config, options: { ...options, seed: options.seed + member } }
}

/** Errors of the mean of several predictions of the same crystals. */
export function meanEvaluation(evaluations: readonly (Evaluation | null)[]): Evaluation | null {
  const [first, ...others] = evaluations
  if (!first) return null
  const crystals: EvaluatedCrystal[] = first.crystals.map((crystal, c) => ({
    ...crystal,
    predicted: crystal.predicted.map((value, t) => {
      const sum = others.reduce((total, other) => total + other!.crystals[c].predicted[t], value)
      return sum / evaluations.length
    }),
  }))
  return { n: first.n, targets: errorsOf(crystals, first.targets), crystals }
}
