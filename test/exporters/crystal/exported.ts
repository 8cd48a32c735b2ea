// Exported models of golden weights, made quickly: two golden samples instead of the built-in ones.

import { exportCrystalModel } from '../../../exporters/crystal/export.ts'
import type { CrystalExportOptions } from '../../../exporters/crystal/exported-file.ts'
import { goldenStructures as builtIn } from '../../../exporters/crystal/golden.ts'
import { appendMetadata } from '../../../exporters/crystal/metadata.ts'
import { configure, networkOf } from '../../../models/registry.ts'
import { CARD_KEY, type Card } from '../../../runtimes/card.ts'
import { readMetadata } from '../../../runtimes/metadata.ts'
import { load } from '../../../runtimes/node/load.ts'
import { sealed } from '../../../runtimes/seal.ts'
import { WEIGHTS_KEY } from '../../../runtimes/stored-weights.ts'
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

/** A small CGCNN, which the fused engine does not compute. */
export function cgcnn() {
  const sizes = { num_layers: 1, model_dim: 8, embedding_dim: [6], num_gaussians: 8, radius: 5 }
  const config = configure({ architecture: 'cgcnn', ...sizes })
  const weights = networkOf(config).initialise(config, 3)
  return exportCrystalModel({ weights, config, targets: [TARGET], golden: builtIn().slice(1, 3) })
}

type Editable<T> = { -readonly [K in keyof T]: Editable<T[K]> }

/** A model with another card, sealed again: of two entries under one key, the later one counts. */
export function withCard(
  { bytes, card }: { readonly bytes: Uint8Array; readonly card: Card },
  change: (card: Editable<Card>) => object,
): Promise<Uint8Array> {
  return sealed(
    appendMetadata(bytes, [[CARD_KEY, JSON.stringify(change(structuredClone(card) as Editable<Card>))]]),
  )
}

/** A model of several blocks whose table of weights takes one block for another, sealed again; its graph is right. */
export function misplaced(bytes: Uint8Array): Promise<Uint8Array> {
  const table: { name: string }[] = JSON.parse(readMetadata(bytes).metadata.get(WEIGHTS_KEY)!)
  const swapped = table.map(({ name, ...place }) => ({
    ...place,
    name: name.replace(/^encoder\.layers\.([01])\./, (_, l) => `encoder.layers.${1 - l}.`),
  }))
  return sealed(appendMetadata(bytes, [[WEIGHTS_KEY, JSON.stringify(swapped)]]))
}

/** A model whose graph names an operator that onnxruntime does not have, sealed again. */
export function misspelt(bytes: Uint8Array): Promise<Uint8Array> {
  const changed = Buffer.from(bytes)
  changed.write('Softmix', changed.indexOf('Softmax'))
  return sealed(changed)
}

/** A model in the calling thread on the CPU, one thread: the same numbers on every run. */
export function loadHere(bytes: Uint8Array) {
  return load(bytes, { device: 'cpu', threads: 1, worker: false })
}
