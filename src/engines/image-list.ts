// The periodic images of a batch as the fused attention kernel takes them: a flat list without slots or padding,
// ordered by atom, then by partner, with the radial basis of each image. On the heap of the kernels, once a batch.

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange } from '../../models/attention/config.ts'
import { OWN, squaredDistances } from '../periodic/measures.ts'
import type { Runs } from '../periodic/runs.ts'
import type { NeighbourTable } from '../periodic/types.ts'
import type { Heap } from './heap.ts'
import { kernelsOf } from './kernels.ts'

/** Images of every atom i, grouped into pairs (i, j). Counts: A atoms, P pairs, F images. */
export interface ImageList {
  /** [A + 1] pairs of atom i are pairStart[i] … pairStart[i + 1] − 1 */
  readonly pairStart: Int32Array
  /** [P] atom j of each pair */
  readonly pairAtom: Int32Array
  /** [P + 1] images of pair p are imageStart[p] … imageStart[p + 1] − 1 */
  readonly imageStart: Int32Array
  /** [F] squared distance, Å² */
  readonly distance2: Float32Array
  /** [F, 3] direction; zero for the atom itself. For networks with frames */
  readonly unit?: Float32Array
}

/**
 * The list of one crystal.
 * @param runs the table's images by neighbour
 */
export function imageList(
  { neighbour, displacement }: NeighbourTable,
  { offsets, start }: Runs,
  { directions }: { readonly directions: boolean },
): ImageList {
  return {
    pairStart: offsets,
    pairAtom: Int32Array.from(start.subarray(0, -1), (image) => neighbour[image]),
    imageStart: start,
    distance2: Float32Array.from(squaredDistances(displacement)),
    ...(directions ? { unit: directionsOf(displacement) } : {}),
  }
}

function directionsOf(displacement: Float64Array): Float32Array {
  const unit = new Float32Array(displacement.length)
  for (let f = 0; f < displacement.length; f += 3) {
    const [x, y, z] = displacement.subarray(f, f + 3)
    const squared = x * x + y * y + z * z
    if (squared <= OWN) continue
    const inverse = 1 / Math.sqrt(squared)
    unit[f] = x * inverse
    unit[f + 1] = y * inverse
    unit[f + 2] = z * inverse
  }
  return unit
}

/** The lists of several crystals as one; their atoms follow one another. */
export function joinImages(lists: readonly ImageList[]): ImageList {
  const total = (length: (list: ImageList) => number) => lists.reduce((sum, list) => sum + length(list), 0)
  const pairStart = new Int32Array(total((list) => list.pairStart.length - 1) + 1)
  const pairAtom = new Int32Array(total((list) => list.pairAtom.length))
  const imageStart = new Int32Array(pairAtom.length + 1)
  const distance2 = new Float32Array(total((list) => list.distance2.length))
  const unit = lists[0].unit && new Float32Array(3 * distance2.length)
  let atoms = 0
  let pairs = 0
  let images = 0
  for (const list of lists) {
    for (let i = 1; i < list.pairStart.length; i++) pairStart[atoms + i] = pairs + list.pairStart[i]
    for (let p = 0; p < list.pairAtom.length; p++) {
      pairAtom[pairs + p] = atoms + list.pairAtom[p]
      imageStart[pairs + p + 1] = images + list.imageStart[p + 1]
    }
    distance2.set(list.distance2, images)
    if (unit && list.unit) unit.set(list.unit, 3 * images)
    atoms += list.pairStart.length - 1
    pairs += list.pairAtom.length
    images += list.distance2.length
  }
  return { pairStart, pairAtom, imageStart, distance2, unit }
}

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
