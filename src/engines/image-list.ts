// The periodic images of a crystal, or of a batch of them, as the fused attention kernel takes them: a flat list without slots
// or padding, ordered by atom, then by partner. Typed arrays, made by any thread.

import { OWN, squaredDistances } from '../periodic/measures.ts'
import type { Runs } from '../periodic/runs.ts'
import type { NeighbourTable } from '../periodic/types.ts'

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
