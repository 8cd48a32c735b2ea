// From crystals to the tensors of one batch. Here as every backend takes them, the padded tensors of src/periodic;
// fused-feed.ts makes those of the fused kernels, feed-for.ts chooses.

import * as tf from '@tensorflow/tfjs-core'
import type { ForwardOptions, NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Structure } from '../crystal/structure.ts'
import { packBatch } from '../periodic/batch.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import { type FedCrystal, type Preparation, preparedAs } from './preparation.ts'
import { uploadTensors } from './upload.ts'

/** One batch on the device. Dispose of it after use. */
export interface FedBatch {
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  readonly fusedAttention?: ForwardOptions['fusedAttention']
  readonly dispose: () => void
}

export interface Feed {
  /** Atoms of one batch, at most: what the tensors of its gradient leave room for. */
  readonly atoms: number
  readonly preparation: Preparation
  readonly prepare: (structure: Structure) => FedCrystal
  readonly upload: (crystals: readonly FedCrystal[]) => FedBatch
}

/**
 * The feed of the formulation of models/.
 * @param mostAtoms of one batch, where less than memory allows is faster
 */
export function plainFeed(
  config: NetworkConfig,
  geometry: GeometrySpec,
  mostAtoms = Number.POSITIVE_INFINITY,
): Feed {
  const preparation: Preparation = { kind: 'tables', geometry }
  return {
    atoms: Math.min(mostAtoms, networkOf(config).limits.batchAtoms),
    preparation,
    prepare: preparedAs(preparation),
    upload: (crystals) => {
      const inputs = uploadTensors(packBatch(crystals.map((c) => c.crystal)).tensors)
      return { inputs, dispose: () => tf.dispose(inputs) }
    },
  }
}
