// Images within a sphere around every atom of a large cell, in time linear in the atoms: an atom is compared with the bins
// that its sphere touches. Small cells go to sphere.ts, which wastes nothing.

import type { Structure } from '../crystal/structure.ts'
import { type Bins, binAtoms } from './bins.ts'
import { grown, SHELL_TOLERANCE } from './sphere.ts'
import type { NeighbourTable } from './types.ts'

/**
 * The same table as `sphereTable`: every image with |p_j + n·L − p_i| ≤ radius Å.
 *
 * @param expected images to make room for; more are taken if there are more
 * @param accept called with the number of images before more memory is taken for them; throws to refuse
 */
export function sphereTableByBins(
  structure: Structure,
  radius: number,
  expected: number,
  accept: (images: number) => void,
): NeighbourTable {
  const bins = binAtoms(structure, radius + SHELL_TOLERANCE)
  const atoms = bins.atomAt.length
  const seen: Seen = { count: 0, neighbour: new Int32Array(1024), displacement: new Float64Array(3 * 1024) }
  const chains: Chains = {
    newest: new Int32Array(atoms).fill(NONE),
    older: new Int32Array(1024),
    present: new Int32Array(Math.ceil(atoms / 32)),
  }
  const offsets = new Int32Array(atoms + 1)
  let capacity = Math.ceil(expected * 1.05) + atoms
  let neighbour = new Int32Array(capacity)
  let displacement = new Float64Array(3 * capacity)
  for (let i = 0; i < atoms; i++) {
    look(bins, i, seen)
    offsets[i + 1] = offsets[i] + seen.count
    if (offsets[i + 1] > capacity) {
      accept(offsets[i + 1])
      capacity = 2 * offsets[i + 1]
      neighbour = grown(neighbour, new Int32Array(capacity))
      displacement = grown(displacement, new Float64Array(3 * capacity))
    }
    copyInOrder(seen, chains, offsets[i], neighbour, displacement)
  }
  const images = offsets[atoms]
  accept(images)
  return {
    atoms,
    offsets,
    neighbour: neighbour.subarray(0, images),
    displacement: displacement.subarray(0, 3 * images),
  }
}

/** What one atom sees, in the order of bins. Reused from atom to atom. */
interface Seen {
  count: number
  neighbour: Int32Array
  displacement: Float64Array
}

/**
 * The images around atom i, found as in `sphereTable` with bins in place of points: along the triangular axes a bin
 * fills an interval of u, and for each bin there one of v, and of w. Of one neighbour the last translation comes first.
 */
function look(bins: Bins, i: number, seen: Seen): void {
  const { radius, start, atomAt, position, turned, translations } = bins
  const [count1, count2, count3] = bins.counts
  const [range1, range2, range3] = bins.range
  const { du1, dv1, dw1, dv2, dw2, dw3 } = bins.extent
  const home = 3 * bins.placeOf[i]
  const x = position[home]
  const y = position[home + 1]
  const z = position[home + 2]
  const u = turned[home]
  const v = turned[home + 1]
  const w = turned[home + 2]
  const R2 = radius * radius
  const width = Math.abs(dw1) + Math.abs(dw2)
  const low3 = -range3 * count3
  const high3 = (range3 + 1) * count3 - 1
  let { neighbour, displacement } = seen
  let count = 0
  const first1 = Math.max(-range1 * count1, Math.floor((u - radius) / du1)) | 0
  const last1 = Math.min((range1 + 1) * count1 - 1, Math.floor((u + radius) / du1)) | 0
  for (let s1 = last1; s1 >= first1; s1--) {
    const n1 = Math.floor(s1 / count1) | 0
    const u0 = s1 * du1
    const a = u < u0 ? u0 - u : u > u0 + du1 ? u - u0 - du1 : 0
    const disc2 = R2 - a * a
    const disc = Math.sqrt(disc2)
    // Where the bins of s1 begin and end along v, and begin along w, for s2 = 0.
    const v0 = dv1 < 0 ? (s1 + 1) * dv1 : s1 * dv1
    const v1 = v0 + Math.abs(dv1) + dv2
    const w1 = dw1 < 0 ? (s1 + 1) * dw1 : s1 * dw1
    const first2 = Math.max(-range2 * count2, Math.floor((v - disc - v1) / dv2) + 1) | 0
    const last2 = Math.min((range2 + 1) * count2 - 1, Math.floor((v + disc - v0) / dv2)) | 0
    let n2 = Math.floor(last2 / count2) | 0
    for (let s2 = last2; s2 >= first2; s2--) {
      if (s2 < n2 * count2) n2--
      const vLow = v0 + s2 * dv2
      const vHigh = v1 + s2 * dv2
      const b = v < vLow ? vLow - v : v > vHigh ? v - vHigh : 0
      const chord = Math.sqrt(disc2 - b * b)
      const wLow = w1 + (dw2 < 0 ? (s2 + 1) * dw2 : s2 * dw2)
      const wHigh = wLow + width
      const first3 = Math.max(low3, Math.floor((w - chord - wHigh) / dw3)) | 0
      const last3 = Math.min(high3, Math.floor((w + chord - wLow) / dw3)) | 0
      const line = ((s1 - n1 * count1) * count2 + s2 - n2 * count2) * count3
      const box = ((n1 + range1) * (2 * range2 + 1) + n2 + range2) * (2 * range3 + 1) + range3
      for (let n3 = range3; n3 >= -range3; n3--) {
        const low = first3 - n3 * count3
        const high = last3 - n3 * count3
        if (low >= count3 || high < 0) continue
        const begin = start[line + Math.max(0, low)]
        const end = start[line + Math.min(count3 - 1, high) + 1]
        if (begin === end) continue
        if (count + end - begin > neighbour.length) {
          neighbour = seen.neighbour = grown(neighbour, new Int32Array(2 * (count + end - begin)))
          displacement = seen.displacement = grown(displacement, new Float64Array(3 * neighbour.length))
        }
        const n = box + n3
        const tx = translations[3 * n]
        const ty = translations[3 * n + 1]
        const tz = translations[3 * n + 2]
        for (let at = begin; at < end; at++) {
          const dx = position[3 * at] - x + tx
          const dy = position[3 * at + 1] - y + ty
          const dz = position[3 * at + 2] - z + tz
          // Written always, kept if inside: cheaper than a branch that cannot be predicted.
          neighbour[count] = atomAt[at]
          displacement[3 * count] = dx
          displacement[3 * count + 1] = dy
          displacement[3 * count + 2] = dz
          count += Number(dx * dx + dy * dy + dz * dz <= R2)
        }
      }
    }
  }
  seen.count = count
}

const NONE = -1

/** Memory of `copyInOrder`, reused from atom to atom. */
interface Chains {
  /** [atoms] the latest image of each neighbour, NONE between calls */
  readonly newest: Int32Array
  /** The image of the same neighbour before each image. */
  older: Int32Array
  /** A bit for every atom: whether it is seen; 0 between calls. */
  readonly present: Int32Array
}

/**
 * Copies what an atom sees to image `to` and on, neighbours ascending, in time linear in the images: those of one
 * neighbour are a chain that comes out backwards, first translation first, and the bits say which neighbours there are.
 */
function copyInOrder(
  seen: Seen,
  chains: Chains,
  to: number,
  neighbour: Int32Array,
  displacement: Float64Array,
): void {
  if (chains.older.length < seen.count) chains.older = new Int32Array(seen.neighbour.length)
  const { newest, older, present } = chains
  for (let s = 0; s < seen.count; s++) {
    const j = seen.neighbour[s]
    older[s] = newest[j]
    newest[j] = s
    present[j >> 5] |= 1 << (j & 31)
  }
  const from = seen.displacement
  let image = to
  for (let word = 0; word < present.length; word++) {
    for (let bits = present[word]; bits !== 0; bits &= bits - 1) {
      const j = 32 * word + 31 - Math.clz32(bits & -bits)
      for (let s = newest[j]; s !== NONE; s = older[s], image++) {
        neighbour[image] = j
        displacement[3 * image] = from[3 * s]
        displacement[3 * image + 1] = from[3 * s + 1]
        displacement[3 * image + 2] = from[3 * s + 2]
      }
      newest[j] = NONE
    }
    present[word] = 0
  }
}
