// The images of a batch (image-list.ts) on the heap of the fused kernels, with the radial basis of each. Once a batch.

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange } from '../../models/attention/config.ts'
import type { Heap } from './heap.ts'
import type { ImageList } from './image-list.ts'
import { kernelsOf } from './kernels.ts'

/** The Gaussians of each image that are not negligible: `width` of them from `start` on. */
export interface RadialWindows {
  /** K */
  readonly count: number
  readonly width: number
  /** [F] int32 */
  readonly start: tf.Tensor
  /** [F, width] */
  readonly basis: tf.Tensor
}

/** An ImageList on the heap of the kernels. Dispose of it after the step. */
export interface UploadedImages {
  readonly heap: Heap
  readonly pairStart: tf.Tensor
  readonly pairAtom: tf.Tensor
  readonly imageStart: tf.Tensor
  readonly distance2: tf.Tensor
  /** [F, 3], in networks with frames */
  readonly unit?: tf.Tensor
  /** Images of an atom, at most. */
  readonly mostImages: number
  /** By block; blocks of the same r_max share one. Undefined in a model without position encoding of values. */
  readonly windows: readonly (RadialWindows | undefined)[]
  readonly dispose: () => void
}

export function uploadImages(heap: Heap, list: ImageList, config: ModelConfig): UploadedImages {
  const tensors = {
    pairStart: tf.tensor1d(list.pairStart, 'int32'),
    pairAtom: tf.tensor1d(list.pairAtom, 'int32'),
    imageStart: tf.tensor1d(list.imageStart, 'int32'),
    distance2: tf.tensor1d(list.distance2),
    ...(list.unit ? { unit: tf.tensor2d(list.unit, [list.distance2.length, 3]) } : {}),
  }
  const byRange = new Map<number, RadialWindows>()
  const windows = Array.from({ length: config.num_layers }, (_, l) => {
    if (config.value_pe_dist_real === 0) return undefined
    const range = radialRange(config, l)
    const known = byRange.get(range)
    if (known) return known
    const made = radialWindows(heap, tensors.distance2, range, config)
    byRange.set(range, made)
    return made
  })
  const dispose = () =>
    tf.dispose([...Object.values(tensors), ...[...byRange.values()].flatMap((w) => [w.start, w.basis])])
  return { heap, ...tensors, mostImages: mostImages(list), windows, dispose }
}

function mostImages({ pairStart, imageStart }: ImageList): number {
  let most = 0
  for (let i = 1; i < pairStart.length; i++) {
    most = Math.max(most, imageStart[pairStart[i]] - imageStart[pairStart[i - 1]])
  }
  return most
}

/** Half the width of a window in widths s·δ of a Gaussian; e^(−7.5²/2) = 6e-13 is far below float32. */
const HALF_WINDOW = 7.5

function radialWindows(heap: Heap, distance2: tf.Tensor, range: number, config: ModelConfig): RadialWindows {
  const { value_pe_dist_real: count, value_pe_width_scale: scale } = config
  const width = Math.min(count, 8 * Math.ceil((2 * HALF_WINDOW * scale + 1) / 8))
  const images = distance2.size
  const start = heap.allocate([images], 'int32')
  const basis = heap.allocate([images, width])
  const places = [distance2, start, basis].map((x) => heap.offsetOf(x))
  kernelsOf(heap.linear).radial_basis(images, count, width, range / count, scale, ...places)
  return { count, width, start, basis }
}
