// A run folder as an exporter or another training takes it: the weights that the run chose, or, where it has not come to its
// end, those that it would choose now. Parts that do not belong together are refused.

import type { Mode } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { checkWeights } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { TargetScaling } from '../data/scaling.ts'
import type { Domain } from '../domain/section.ts'
import { TrainingError } from '../errors.ts'
import { type Checkpoint, checkpointWeights, checkTensors, findCheckpoint } from './checkpoint.ts'
import { whichWeights } from './fit.ts'
import { readMetrics } from './metrics.ts'
import { findRunDomain } from './run-domain.ts'
import { findRunEvaluation, type RunEvaluation } from './run-evaluation.ts'
import { memberFolder, type RunPaths, readRunConfig, runPaths, type Settings } from './run-folder.ts'
import { type RunWeights, readRunWeights } from './run-weights.ts'
import { checkBelongs } from './seal.ts'
import { exists } from './standing.ts'
import { storedValidation } from './validation.ts'

/** What an exporter needs of a run. */
export interface TrainedRun {
  /** That the run ends with, by name. */
  readonly weights: Weights
  /** Of the network. */
  readonly config: NetworkConfig
  /** With the scaling that the run was trained with. */
  readonly targets: readonly TargetScaling[]
  /** Which images were summed over. */
  readonly mode: Mode
  /** The radius that the run was trained with, when it was given one. */
  readonly geometry: {
    /** Å */
    readonly radius?: number
  }
  /** What the card of an exported file says of the training. */
  readonly training: {
    /** name of the data set */
    data: string
    /** crystals of its train split */
    crystals: number
    /** errors by name, such as `test_mae_e_form`, in the unit of the target */
    metrics: Record<string, number>
  }
  /** What the network has seen and how wrong it was there, where that is known: not of a run that has not ended. */
  readonly domain?: Domain
  /** What its user should know: that it has not come to its end, or that nothing tells whether its parts belong together. */
  readonly remarks: readonly string[]
}

/**
 * Reads a run folder.
 * @throws TrainingError when it is none, no epoch was finished, or its parts were changed or do not belong together;
 * WeightsError when its weights are damaged.
 */
export async function readRun(folder: string): Promise<TrainedRun> {
  const paths = runPaths(folder)
  if (!(await exists(paths.config)) && (await exists(memberFolder(folder, 0)))) {
    throw new TrainingError(
      `${folder} holds an ensemble: take a member of it, such as ${memberFolder(folder, 0)}, or all of them (export --ensemble)`,
    )
  }
  const settings = await readRunConfig(paths.config)
  const checkpoint = await findCheckpoint(paths.checkpoint, settings.hash)
  const { weights, metrics, domain, remarks } = (await exists(paths.weights))
    ? await handedOut(settings, paths, checkpoint)
    : await fromCheckpoint(folder, settings, paths, checkpoint)
  checkWeights(weights, settings.model)
  const { radius, mode } = settings.training
  return {
    ...{ weights, config: settings.model, targets: settings.targets, mode },
    geometry: radius === null ? {} : { radius },
    training: { data: settings.data.name, crystals: settings.data.train, metrics },
    ...(domain && { domain }),
    remarks: settings.isSealed
      ? remarks
      : [
          ...remarks,
          `${folder} was written before run folders were sealed: whether its parts belong together is not known`,
        ],
  }
}

type Taken = Pick<TrainedRun, 'weights' | 'domain' | 'remarks'> & { readonly metrics: Record<string, number> }

/** weights.safetensors, checked against the settings, the domain and the evaluation beside it. */
export async function checkedWeights(
  settings: Settings,
  paths: RunPaths,
): Promise<{ found: RunWeights; domain: Domain | undefined; evaluation: RunEvaluation | undefined }> {
  const found = await readRunWeights(paths.weights)
  if (settings.isSealed && found.run === undefined) {
    throw new TrainingError(
      `${paths.weights} does not belong to ${paths.config}: it comes from an older run; restore it, or train anew`,
    )
  }
  checkBelongs(paths.weights, found.run, paths.config, settings.hash)
  const inConfig = [settings.model, settings.targets].map((part) => JSON.stringify(part))
  const known = [found.config, found.targets].map((part) => JSON.stringify(part))
  if (String(inConfig) !== String(known)) {
    throw new TrainingError(
      `${paths.weights} does not belong to ${paths.config}: network or targets differ; restore them, or train anew`,
    )
  }
  const evaluation = await findRunEvaluation(paths.evaluation)
  if (evaluation) {
    checkBelongs(paths.evaluation, evaluation.run, paths.config, settings.hash)
    checkBelongs(paths.evaluation, evaluation.weights_sha256, paths.weights, found.sha256 ?? 'unsealed')
  }
  return { found, domain: await domainOf(paths, settings, found), evaluation }
}

async function handedOut(
  settings: Settings,
  paths: RunPaths,
  checkpoint: Checkpoint | undefined,
): Promise<Taken> {
  if (checkpoint) await checkTensors(paths.checkpoint, checkpoint)
  const { found, domain, evaluation } = await checkedWeights(settings, paths)
  const remarks = !evaluation
    ? [
        `${paths.evaluation} is not there: the errors of these weights are not known; train --resume finds them`,
      ]
    : evaluation.diverged
      ? [`the training diverged; these are the ${evaluation.weights} weights before that`]
      : []
  return {
    weights: found.weights,
    domain,
    metrics: evaluation ? errorsOf(evaluation) : {},
    remarks,
  }
}

/** domain.json, checked against the settings and the weights beside it. */
async function domainOf(
  paths: RunPaths,
  settings: Settings,
  { sha256 = 'unsealed' }: RunWeights,
): Promise<Domain | undefined> {
  const found = await findRunDomain(paths.domain)
  if (!found) return undefined
  checkBelongs(paths.domain, found.run, paths.config, settings.hash)
  checkBelongs(paths.domain, found.weights_sha256, paths.weights, sha256)
  return found.domain
}

/** What the run would choose if it ended now. */
async function fromCheckpoint(
  folder: string,
  settings: Settings,
  paths: RunPaths,
  checkpoint: Checkpoint | undefined,
): Promise<Taken> {
  if (!checkpoint) {
    throw new TrainingError(`${folder}: no epoch of this run was finished; train it first`)
  }
  const { model, targets, training } = settings
  const { epoch, best, averaged_steps, average_from } = checkpoint
  const line = (await readMetrics(paths.metrics)).find((metrics) => metrics.epoch === epoch)
  const average = storedValidation(
    checkpoint.average_mae ?? line?.average_val_mae ?? null,
    checkpoint.average_error ?? line?.average_val_error,
    targets,
  )
  const which = whichWeights({ averageSteps: averaged_steps, average, best })
  let weights: Weights
  try {
    weights = (await checkpointWeights(paths.checkpoint, checkpoint, model))[which]
  } catch (error) {
    // The run goes on meanwhile, and has replaced the checkpoint.
    const next = await findCheckpoint(paths.checkpoint, settings.hash)
    if (!next || next.epoch === epoch) throw error
    return fromCheckpoint(folder, settings, paths, next)
  }
  const mae = which === 'average' ? average?.mae : which === 'best' ? best!.mae : null
  const planned = average_from + training.swa_epochs
  const what = {
    average: `the average over the epochs ${average_from + 1} to ${epoch}`,
    best: `the weights of epoch ${best?.epoch}, the best so far`,
    last: `the weights of epoch ${epoch}`,
  }[which]
  const metrics: Record<string, number> = { epochs: epoch, epochs_planned: planned }
  mae?.forEach((error, t) => {
    if (error !== null) metrics[`val_mae_${targets[t].name}`] = error
  })
  return {
    weights,
    metrics,
    remarks: [`${folder}: training has not ended (${epoch} of ${planned} epochs); taken are ${what}`],
  }
}

/** Errors of a run as metrics of a card: `test_mae_e_form` and so on. */
export function errorsOf(bySplit: Pick<RunEvaluation, 'val' | 'test'>): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const split of ['val', 'test'] as const) {
    for (const { name, mae, rmse } of bySplit[split]?.targets ?? []) {
      if (mae === null || rmse === null) continue
      metrics[`${split}_mae_${name}`] = mae
      metrics[`${split}_rmse_${name}`] = rmse
    }
  }
  return metrics
}
