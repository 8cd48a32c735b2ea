// What a run leaves when it ends: weights where an exporter looks for them, then their domain and their errors. And the same read back, of
// a run that had ended before.

import { rm } from 'node:fs/promises'
import type { Split } from '../data/labelled.ts'
import type { Domain } from '../domain/section.ts'
import type { Feed } from '../engines/feed.ts'
import { checkTensors, findCheckpoint } from './checkpoint.ts'
import { type Evaluation, evaluateSet } from './evaluate.ts'
import type { ChosenWeights } from './fit.ts'
import { readMetrics } from './metrics.ts'
import type { PreparedSet } from './prepared.ts'
import { checkedWeights } from './read-run.ts'
import { writeRunDomain } from './run-domain.ts'
import { type RunEvaluation, writeRunEvaluation } from './run-evaluation.ts'
import { type RunPaths, runPaths, type Settings } from './run-folder.ts'
import { writeRunWeights } from './run-weights.ts'
import type { TrainingResult } from './training-run.ts'

/**
 * Writes weights, and then their domain and their errors on what they were not trained on: those can be found again, the
 * weights cannot.
 * @param domainOf fits the domain of a run that has come to its end
 */
export async function writeOutcome(
  feed: Feed,
  { which, weights }: Pick<ChosenWeights, 'which' | 'weights'>,
  sets: Readonly<Record<Exclude<Split, 'train'>, PreparedSet>>,
  settings: Settings,
  paths: RunPaths,
  domainOf: () => Promise<Domain | undefined>,
  ended: Pick<RunEvaluation, 'diverged'> = {},
): Promise<RunEvaluation> {
  const { model, targets } = settings
  // Those of other weights, from when the run diverged before.
  for (const path of [paths.evaluation, paths.domain]) await rm(path, { force: true })
  const seal = await writeRunWeights(paths.weights, weights, settings)
  const belongs = { run: settings.hash, weights_sha256: seal }
  const domain = ended.diverged ? undefined : await domainOf()
  if (domain) await writeRunDomain(paths.domain, { domain, ...belongs })
  const errors = async (set: PreparedSet): Promise<Evaluation | null> =>
    set.length === 0 ? null : evaluateSet(weights, model, set, targets, feed, domain)
  const evaluated = {
    weights: which,
    val: await errors(sets.val),
    test: await errors(sets.test),
    ...ended,
    ...belongs,
  }
  await writeRunEvaluation(paths.evaluation, evaluated)
  return evaluated
}

/** The result of a run that had ended before. @throws TrainingError when its parts do not belong together. */
export async function storedResult(runFolder: string, settings: Settings): Promise<TrainingResult> {
  const paths = runPaths(runFolder)
  const { found, evaluation } = await checkedWeights(settings, paths)
  const state = await findCheckpoint(paths.checkpoint, settings.hash)
  if (state) await checkTensors(paths.checkpoint, state)
  const history = await readMetrics(paths.metrics)
  const { weights: which, val, test } = evaluation!
  return {
    ...{ runFolder, backend: null, config: settings.model, options: settings.training },
    targets: settings.targets,
    chosen: {
      which,
      weights: found.weights,
      average: state?.averaged_steps ? { steps: state.averaged_steps, valMae: state.average_mae } : null,
      best: state?.best ? { epoch: state.best.epoch, valMae: state.best.mae } : null,
    },
    ...{ epochs: history.length, history, val, test, seconds: 0 },
  }
}
