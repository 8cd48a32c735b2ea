// What a training run would be, without running it.

import { configure, countParameters } from '../../models/registry.ts'
import { selectBackend } from '../engines/select.ts'
import { trainingOptions } from './options.ts'
import type { TrainingRun } from './training-run.ts'

/** What a training run would be. */
export interface TrainingPlan {
  /** what would train */
  readonly backend: string
  /** why that */
  readonly reason: string
  /** what comes earlier in the order */
  readonly passed_over: readonly {
    /** of the backend */
    readonly name: string
    /** was not taken */
    readonly why: string
  }[]
  /** that would compute gradients */
  readonly threads: number
  /** name of the network */
  readonly architecture: string
  /** numbers in all weights */
  readonly parameters: number
  /** in all */
  readonly epochs: number
  /** crystals of a batch */
  readonly batch_size: number
  /** batches of an optimiser step */
  readonly accumulate: number
}

/**
 * Starts the backend that would train, and says which and why. What is left out of the settings is as published.
 * @throws TrainingError or ConfigError for what `train` would refuse.
 */
export async function planTraining(
  settings: Pick<TrainingRun, 'config' | 'options'>,
  where: Pick<TrainingRun, 'backend' | 'threads'>,
): Promise<TrainingPlan> {
  const config = configure(settings.config)
  const { epochs, batch_size, accumulate } = trainingOptions(settings.options)
  const { name, reason, passedOver, takesHelpers } = await selectBackend(where.backend)
  return {
    backend: name,
    reason,
    passed_over: passedOver,
    threads: takesHelpers ? (where.threads ?? 1) : 1,
    architecture: config.architecture,
    parameters: countParameters(config),
    ...{ epochs, batch_size, accumulate },
  }
}
