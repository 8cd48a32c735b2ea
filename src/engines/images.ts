// The periodic images of a batch as the fused attention kernel takes them: a flat list without slots or padding,
// ordered by atom, then by partner, with the radial basis of each image. On the heap of the kernels, once a batch.

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange } from '../../models/attention/config.ts'
import type { NeighbourTable } from '../periodic/types.ts'
import { currentHeap, kernelsOf } from './heap.ts'

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

/** An image this near (Å²) is the atom itself: it has no direction. */
const OWN = 1e-5

/** The list of one crystal. */
export function imageList(
  { atoms, offsets, neighbour, displacement }: NeighbourTable,
  { directions }: { readonly directions: boolean },
): ImageList {
  const pairStart = new Int32Array(atoms + 1)
  const pairAtom: number[] = []
  const imageStart: number[] = []
  for (let i = 0; i < atoms; i++) {
    for (let f = offsets[i]; f < offsets[i + 1]; f++) {
      if (f > offsets[i] && neighbour[f] === neighbour[f - 1]) continue
      pairAtom.push(neighbour[f])
      imageStart.push(f)
    }
    pairStart[i + 1] = pairAtom.length
  }
  imageStart.push(neighbour.length)
  const distance2 = Float32Array.from(
    neighbour,
    (_, f) => displacement[3 * f] ** 2 + displacement[3 * f + 1] ** 2 + displacement[3 * f + 2] ** 2,
  )
  return {
    pairStart,
    pairAtom: Int32Array.from(pairAtom),
    imageStart: Int32Array.from(imageStart),
    distance2,
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

export function uploadImages(list: ImageList, config: ModelConfig): UploadedImages {
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
    const made = radialWindows(tensors.distance2, range, config)
    byRange.set(range, made)
    return made
  })
  const dispose = () =>
    tf.dispose([...Object.values(tensors), ...[...byRange.values()].flatMap((w) => [w.start, w.basis])])
  return { ...tensors, mostImages: mostImages(list), windows, dispose }
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

function radialWindows(distance2: tf.Tensor, range: number, config: ModelConfig): RadialWindows {
  const { value_pe_dist_real: count, value_pe_width_scale: scale } = config
  const width = Math.min(count, 8 * Math.ceil((2 * HALF_WINDOW * scale + 1) / 8))
  const heap = currentHeap()!
  const images = distance2.size
  const start = heap.allocate([images], 'int32')
  const basis = heap.allocate([images, width])
  const places = [distance2, start, basis].map((x) => heap.offsetOf(x))
  kernelsOf(heap.linear).radialBasis(images, count, width, range / count, scale, ...places)
  return { count, width, start, basis }
}
