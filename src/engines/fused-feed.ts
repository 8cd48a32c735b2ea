// The feed of networks whose attention the fused kernels compute: a flat list of images instead of padded tensors.

import * as tf from '@tensorflow/tfjs-core'
import { blockDomains, frameSigns, looksAlongDensities, scaleReal } from '../../models/attention/config.ts'
import { ANGULAR_PROJECTIONS } from '../../models/attention/parameters.ts'
import type { FusedRealAttention } from '../../models/attention/real-space.ts'
import { axisWeights } from '../../models/crystalframer/angular.ts'
import { angularCells } from '../../models/crystalframer/angular-cells.ts'
import { densityWeights } from '../../models/crystalframer/density.ts'
import type { PeriodicAttention } from '../../models/network.ts'
import { packBatch } from '../periodic/batch.ts'
import type { GeometrySpec, TableGeometry } from '../periodic/types.ts'
import type { Feed } from './feed.ts'
import { periodicAttention } from './fused-attention.ts'
import { framesOfImages } from './fused-frames.ts'
import type { Heap } from './heap.ts'
import { joinImages } from './image-list.ts'
import { type Preparation, preparedAs } from './preparation.ts'
import { uploadTensors } from './upload.ts'
import { uploadImages } from './uploaded-images.ts'

/** Whether the fused kernels compute this network: SIMD lanes run over heads, channels and radial functions. */
export function canFuse(
  { config, frames }: PeriodicAttention,
  geometry: GeometrySpec,
): geometry is TableGeometry {
  const { images, in_graph } = geometry
  if (!images || in_graph || images.kind === 'adaptive-box') return false
  // A plain box is summed with the windows of the published framed kernels.
  if (frames && (images.kind !== 'sphere' || frames.frame_method === 'weighted_pca')) return false
  const { model_dim: d, head_num: heads, value_pe_dist_real: radial } = config
  const realHeads = blockDomains(config).includes('multihead') ? heads / 2 : heads
  return realHeads % 4 === 0 && (d / heads) % 4 === 0 && radial % 8 === 0
}

export function fusedFeed(
  heap: Heap,
  { config, frames }: PeriodicAttention,
  { images, reciprocal, frame }: TableGeometry,
): Feed {
  // The fused kernel looks at all images, near or not.
  const geometry = { images, reciprocal, frame }
  const preparation: Preparation = { kind: 'images', geometry, directions: frames !== undefined }
  const cells = frames && !looksAlongDensities(config) ? angularCells(frames) : undefined
  return {
    atoms: Number.POSITIVE_INFINITY,
    preparation,
    prepare: preparedAs(preparation),
    upload: (crystals) => {
      const inputs = uploadTensors(packBatch(crystals.map((c) => c.crystal)).tensors)
      const images = uploadImages(heap, joinImages(crystals.map((c) => c.images!)), config)
      const fusedAttention: FusedRealAttention = (heads, l, projection, parameter) => {
        const { query: q, key: k, value: v, rho } = heads
        const a = tf.mul(rho, -1 / (2 * scaleReal(config, l) ** 2))
        const directions = cells
          ? {
              cells,
              projection: axisWeights(angularProjections(parameter), frames!, frameSigns(frames!).length),
              frames: (weights: tf.Tensor2D) => framesOfImages(weights, a, images, frames!, inputs.frame),
            }
          : frames && {
              degree: frames.density_degree,
              densities: frames.density_axes,
              projection: densityWeights(parameter, frames),
            }
        return periodicAttention({ q, k, v, a, projection }, images, images.windows[l], directions)
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
