// Several runs that differ in their seed, or in the crystals that they do not see, and the errors of the mean of their
// predictions: usually some percent better than any of them, and their spread says how far a prediction can be trusted.

import type { TargetScaling } from '../data/scaling.ts'
import { TrainingError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { mean } from '../math/mean.ts'
import { sampleDeviation } from '../math/moments.ts'
import { learned, restored } from '../math/transform.ts'
import { type EvaluatedCrystal, type Evaluation, errorsOf } from './evaluate.ts'
import { inFolds } from './folds.ts'
import { whileHolding } from './lock.ts'
import { openedData } from './opened-data.ts'
import { trainingOptions } from './options.ts'
import { train } from './run.ts'
import { memberFolder, readRunConfig, runPaths } from './run-folder.ts'
import { refuseOtherKinds, refuseToReplace } from './settings.ts'
import { standingOf } from './standing.ts'
import type { TrainingResult, TrainingRun } from './training-run.ts'

/** Networks that were trained one after the other, and what they give together. */
export interface EnsembleResult {
  /** In order. */
  readonly members: readonly TrainingResult[]
  /**
   * Errors of the mean prediction, for each crystal over the members that judge it; null for a split without crystals.
   */
  readonly val: Evaluation | null
  /** The same on the test split. */
  readonly test: Evaluation | null
}

/**
 * Trains `count` networks one after the other, each in a run folder of its own inside `runFolder`, with the seeds that
 * follow that of the options, and writes `evaluation.json` of their mean. With `resume`, members that are done are kept
 * and those that have not begun are started.
 * @param folds cross-validation: the crystals to learn from are dealt into so many folds, and each member is validated
 * on one of them and trained on the others; dealt anew after every `folds` members
 * @throws TrainingError when `count` is no multiple of `folds`
 */
export function trainEnsemble(run: TrainingRun, count: number, folds?: number): Promise<EnsembleResult> {
  return whileHolding(run, (onEvent) => trainMembers({ ...run, onEvent }, count, folds))
}

async function trainMembers(
  run: TrainingRun,
  count: number,
  folds: number | undefined,
): Promise<EnsembleResult> {
  const crystals = folds === undefined ? undefined : await crystalsToDeal(run, count, folds)
  const folders = Array.from({ length: count }, (_, n) => memberFolder(run.runFolder, n))
  await refuseOtherKinds(run.runFolder, 'ensemble')
  // Not when the members before are trained.
  if (!run.resume) for (const folder of folders) await refuseToReplace(folder)
  const members: TrainingResult[] = []
  for (const [n, runFolder] of folders.entries()) {
    const begun = run.resume === true && (await standingOf(runFolder)) !== 'new'
    const settings = begun ? resumedOptions(run, n) : await settingsOf(run, n)
    const data = crystals ? { ...crystals, crystals: inFolds(crystals.crystals, folds!, n) } : run.data
    members.push(await train({ ...run, ...settings, data, runFolder }))
  }
  const [{ targets }] = members
  const val = meanEvaluation(
    members.map((member) => member.val),
    targets,
  )
  const test = meanEvaluation(
    members.map((member) => member.test),
    targets,
  )
  await writeWhole(`${run.runFolder}/evaluation.json`, JSON.stringify({ members: count, val, test }))
  return { members, val, test }
}

async function crystalsToDeal({ data, targets }: TrainingRun, count: number, folds: number) {
  if (folds < 2 || count % folds !== 0) {
    throw new TrainingError(
      `${count} networks on ${folds} folds: expected two folds or more, and as many networks on each`,
    )
  }
  return openedData(data, targets)
}

/** Options of a member that is resumed: of those that were given, a seed is that of the first member. */
function resumedOptions({ options }: TrainingRun, member: number): Pick<TrainingRun, 'options'> {
  return options?.seed === undefined ? { options } : { options: { ...options, seed: options.seed + member } }
}

/** What a member is started with: what was asked for, or what the first member of a resumed ensemble has. */
async function settingsOf(
  run: TrainingRun,
  member: number,
): Promise<Pick<TrainingRun, 'config' | 'options'>> {
  const first = memberFolder(run.runFolder, 0)
  const { model: config, training: options } =
    run.resume && (await standingOf(first)) !== 'new'
      ? await readRunConfig(runPaths(first).config)
      : { model: run.config, training: trainingOptions(run.options) }
  return { config, options: { ...options, seed: options.seed + member } }
}

/**
 * Errors of the mean of what several networks learned of the same crystals, or of some that each have one, and of every
 * crystal that several judge how far they are apart.
 */
export function meanEvaluation(
  evaluations: readonly (Evaluation | null)[],
  targets: readonly TargetScaling[],
): Evaluation | null {
  if (!evaluations[0]) return null
  const byId = new Map<string, EvaluatedCrystal[]>()
  for (const crystal of evaluations.flatMap((evaluation) => evaluation!.crystals)) {
    byId.set(crystal.id, [...(byId.get(crystal.id) ?? []), crystal])
  }
  const crystals = [...byId.values()].map((several): EvaluatedCrystal => {
    const values = targets.map((_, t) => several.map(({ predicted }) => predicted[t]))
    const { domain: _, ...first } = several[0]
    return {
      ...first,
      predicted: targets.map((target, t) =>
        restored(mean(values[t].map((value) => learned(value, target))), target),
      ),
      ...(several.length > 1 && { spread: values.map(sampleDeviation) }),
    }
  })
  return { n: crystals.length, targets: errorsOf(crystals, targets), crystals }
}
