// What a training run would be, without running it.

import { configure, countParameters } from '../../models/registry.ts'
import { selectBackend } from '../engines/select.ts'
import { trainingOptions } from './options.ts'
import type { TrainingRun } from './training-run.ts'

export interface TrainingPlan {
  readonly backend: string
  readonly reason: string
  readonly passed_over: readonly { readonly name: string; readonly why: string }[]
  readonly threads: number
  readonly architecture: string
  readonly parameters: number
  readonly epochs: number
  readonly batch_size: number
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
