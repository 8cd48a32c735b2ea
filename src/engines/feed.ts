// From crystals to the tensors of one batch. Here as every backend takes them, the padded tensors of src/periodic;
// fused-feed.ts makes those of the fused kernels, feed-for.ts chooses.

import * as tf from '@tensorflow/tfjs-core'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { ForwardOptions, NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Structure } from '../crystal/structure.ts'
import { packBatch } from '../periodic/batch.ts'
import { mostImages } from '../periodic/group.ts'
import { type PreparedCrystal, prepareCrystal } from '../periodic/prepare.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import type { ImageList } from './image-list.ts'
import { bytesOf, uploadTensors } from './upload.ts'

/** One crystal as a feed keeps it. */
export interface FedCrystal {
  readonly atoms: number
  /** Bytes that it takes in memory, about. */
  readonly bytes: number
  /** Images of its fullest atom, up to which others are padded; 0 where nothing is. */
  readonly mostImages: number
  readonly crystal: PreparedCrystal
  /** In place of the crystal's own neighbour table, where the fused kernel is used. */
  readonly images?: ImageList
}

/** One batch on the device. Dispose of it after use. */
export interface FedBatch {
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  readonly fusedAttention?: ForwardOptions['fusedAttention']
  readonly dispose: () => void
}

export interface Feed {
  /** Atoms of one batch, at most: what the tensors of its gradient leave room for. */
  readonly atoms: number
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
  return {
    atoms: Math.min(mostAtoms, networkOf(config).limits.batchAtoms),
    prepare: (structure) => {
      const crystal = prepareCrystal(structure, geometry, ELEMENT_TABLE)
      return { atoms: crystal.atoms, bytes: bytesOf(crystal), mostImages: mostImages(crystal), crystal }
    },
    upload: (crystals) => {
      const inputs = uploadTensors(packBatch(crystals.map((c) => c.crystal)).tensors)
      return { inputs, dispose: () => tf.dispose(inputs) }
    },
  }
}
