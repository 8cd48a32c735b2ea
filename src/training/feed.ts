// From crystals to the tensors of one batch, in the form that the current backend takes: the fused attention kernel's
// flat list of images on a CPU, the padded tensors of src/periodic on a GPU.

import * as tf from '@tensorflow/tfjs-core'
import { blockDomains, type ModelConfig, scaleReal } from '../../models/attention/config.ts'
import { ANGULAR_PROJECTIONS, ELEMENT_TABLE } from '../../models/attention/parameters.ts'
import type { FusedRealAttention } from '../../models/attention/real-space.ts'
import { axisWeights } from '../../models/crystalframer/angular.ts'
import type { Structure } from '../crystal/structure.ts'
import {
  type BatchTensor,
  type GeometrySpec,
  ofAllAtoms,
  type PreparedCrystal,
  packBatch,
  prepareCrystal,
} from '../periodic/index.ts'
import { angularCells } from './backend/angularCells.ts'
import { periodicAttention } from './backend/fusedAttention.ts'
import { frameCount, framesOfImages } from './backend/fusedFrames.ts'
import { currentHeap } from './backend/heap.ts'
import { type ImageList, imageList, joinImages, uploadImages } from './backend/images.ts'

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
  readonly fusedAttention?: FusedRealAttention
  readonly dispose: () => void
}

export interface Feed {
  /** Atoms of one batch, at most: what the tensors of its gradient leave room for. */
  readonly atoms: number
  readonly prepare: (structure: Structure) => FedCrystal
  readonly upload: (crystals: readonly FedCrystal[]) => FedBatch
}

/** The feed for a network on the current backend. */
export function feedFor(config: ModelConfig, geometry: GeometrySpec): Feed {
  const all = ofAllAtoms(geometry)
  return currentHeap() && canFuse(config, all) ? fusedFeed(config, all) : plainFeed(config, all)
}

/** Whether the fused kernel computes this network: SIMD lanes run over heads, channels and radial functions. */
function canFuse(config: ModelConfig, { images }: GeometrySpec): boolean {
  if (!images || images.kind === 'adaptive-box') return false
  if (config.architecture === 'crystalframer') {
    // A plain box is summed with the windows of the published framed kernels.
    if (images.kind !== 'sphere' || config.frame_method === 'weighted_pca') return false
  }
  const { model_dim: d, head_num: heads, value_pe_dist_real: radial } = config
  const realHeads = blockDomains(config).includes('multihead') ? heads / 2 : heads
  return realHeads % 4 === 0 && (d / heads) % 4 === 0 && radial % 8 === 0
}

/**
 * An atom takes up to 1 MB in the padded formulation, about 10 MB where frames look along three axes; the heap of
 * WebAssembly has 4 GB.
 */
const PLAIN_ATOMS = { crystalformer: 1024, crystalframer: 64 }

/** The feed of the formulation of models/, which every backend computes. */
export function plainFeed({ architecture }: ModelConfig, geometry: GeometrySpec): Feed {
  return {
    atoms: PLAIN_ATOMS[architecture],
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

/** The fused kernel looks at all images anyway. */
function fusedFeed(config: ModelConfig, { near: _, ...geometry }: GeometrySpec): Feed {
  const framed = config.architecture === 'crystalframer' ? config : undefined
  const cells = framed && angularCells(framed)
  return {
    atoms: Number.POSITIVE_INFINITY,
    prepare: (structure) => {
      const { images: table, runs: _, ...crystal } = prepareCrystal(structure, geometry, ELEMENT_TABLE)
      const images = imageList(table!, { directions: framed !== undefined })
      return { atoms: crystal.atoms, bytes: bytesOf(crystal) + bytesOf(images), crystal, images }
    },
    upload: (crystals) => {
      const inputs = uploadTensors(packBatch(crystals.map((c) => c.crystal)).tensors)
      const images = uploadImages(joinImages(crystals.map((c) => c.images!)), config)
      const fusedAttention: FusedRealAttention = (heads, l, projection, parameter) => {
        const { query: q, key: k, value: v, rho } = heads
        const a = tf.mul(rho, -1 / (2 * scaleReal(config, l) ** 2))
        const angular = cells && {
          cells,
          projection: axisWeights(angularProjections(parameter), framed!, frameCount(framed!)),
          frames: (weights: tf.Tensor2D) => framesOfImages(weights, a, images, framed!, inputs.frame),
        }
        return periodicAttention({ q, k, v, a, projection }, images, images.windows[l], angular)
      }
      return {
        inputs,
        fusedAttention,
        dispose: () => {
          tf.dispose(inputs)
          images.dispose()
        },
      }
    },
  }
}

function angularProjections(parameter: (name: string) => tf.Tensor): tf.Tensor[] {
  return ANGULAR_PROJECTIONS.map((name) => parameter(`self_attn.${name}`))
}

function uploadTensors(tensors: Readonly<Record<string, BatchTensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => [
      name,
      tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  )
}

/** Bytes of the typed arrays in a tree of objects. */
function bytesOf(value: object): number {
  return Object.values(value).reduce((sum: number, part: unknown) => {
    if (ArrayBuffer.isView(part)) return sum + part.byteLength
    return typeof part === 'object' && part !== null ? sum + bytesOf(part) : sum
  }, 0)
}
