// From crystals to the tensors of one batch, in the form that the current backend takes: the fused attention kernel's
// flat list of images on a CPU, the padded tensors of src/periodic on a GPU.

import * as tf from '@tensorflow/tfjs-core'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { ForwardOptions, NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Structure } from '../crystal/structure.ts'
import { canFuse, fusedFeed } from '../engines/fused-feed.ts'
import { currentHeap } from '../engines/heap.ts'
import type { ImageList } from '../engines/images.ts'
import { type GeometrySpec, type PreparedCrystal, packBatch, prepareCrystal } from '../periodic/index.ts'
import { bytesOf, uploadTensors } from './upload.ts'

/** One crystal as a feed keeps it. */
export interface FedCrystal {
  readonly atoms: number
  /** Bytes that it takes in memory, about. */
  readonly bytes: number
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

/** The feed for a network on the current backend. */
export function feedFor(config: NetworkConfig, geometry: GeometrySpec): Feed {
  const attention = networkOf(config).attention?.(config)
  return currentHeap() && attention && canFuse(attention, geometry)
    ? fusedFeed(attention, geometry)
    : plainFeed(config, geometry)
}

/** The feed of the formulation of models/, which every backend computes. */
export function plainFeed(config: NetworkConfig, geometry: GeometrySpec): Feed {
  return {
    atoms: networkOf(config).limits.batchAtoms,
    prepare: (structure) => {
      const crystal = prepareCrystal(structure, geometry, ELEMENT_TABLE)
      return { atoms: crystal.atoms, bytes: bytesOf(crystal), crystal }
    },
    upload: (crystals) => {
      const inputs = uploadTensors(packBatch(crystals.map((c) => c.crystal)).tensors)
      return { inputs, dispose: () => tf.dispose(inputs) }
    },
  }
}
