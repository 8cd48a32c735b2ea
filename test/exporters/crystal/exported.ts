// Exported models of golden weights, made quickly: two golden samples instead of the built-in ones.

import { type CrystalExportOptions, exportCrystalModel } from '../../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../../exporters/crystal/golden.ts'
import { load } from '../../../runtimes/node/load.ts'
import { type GoldenCase, goldenWeights, TINY_CASES } from '../../golden/goldens.ts'

/** As in the published checkpoints' scaling: a prediction is output·std + mean. */
export const TARGET = { name: 'formation_energy', unit: 'eV/atom', mean: -1.4, std: 1.1 }

export const TINY = TINY_CASES[0]

export function exportCase(
  { config, mode, weights }: GoldenCase,
  options: Partial<CrystalExportOptions> = {},
) {
  return exportCrystalModel({
    weights: goldenWeights(weights, config),
    config,
    mode,
    targets: [TARGET],
    golden: builtIn().slice(1, 3),
    ...options,
  })
}

/** A model in the calling thread on the CPU, one thread: the same numbers on every run. */
export function loadHere(bytes: Uint8Array) {
  return load(bytes, { device: 'cpu', threads: 1, worker: false })
}
