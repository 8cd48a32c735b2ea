// Runs of a tiny network that take a tenth of a second an epoch.

import type { LabelledCrystal } from '../../src/data/labelled.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'

export const TINY = {
  num_layers: 1,
  model_dim: 16,
  head_num: 4,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 8,
}

/** Three epochs, of which the last averages. */
export function tinyRun(
  runFolder: string,
  crystals: readonly LabelledCrystal[],
  changes: Partial<TrainingRun> = {},
): TrainingRun {
  return {
    data: { name: 'made up', crystals },
    targets: [{ name: 'energy', unit: 'eV/atom' }],
    config: TINY,
    options: { epochs: 3, swa_epochs: 1, batch_size: 6, learning_rate: 0.01, radius: 4.5, seed: 3 },
    runFolder,
    backend: 'wasm',
    ...changes,
  }
}

/** Stops a run once an epoch is done. */
export function stopAfter(epoch: number): Pick<TrainingRun, 'signal' | 'onEvent'> {
  const controller = new AbortController()
  const onEvent = (event: TrainingEvent) => {
    if (event.type === 'epoch' && event.metrics.epoch === epoch) controller.abort()
  }
  return { signal: controller.signal, onEvent }
}
