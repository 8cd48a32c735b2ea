// Images within a sphere around every atom of a large cell, in time linear in the atoms: an atom is compared with the bins
// that its sphere touches. Small cells go to sphere.ts, which wastes nothing.

import type { Structure } from '../crystal/structure.ts'
import { type Bins, binAtoms } from './bins.ts'
import { SHELL_TOLERANCE } from './sphere.ts'
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
  const { atomAt, placeOf, position, translations } = bins
  const atoms = atomAt.length
  const seen: Seen = { count: 0, place: new Int32Array(512), translation: new Int32Array(512) }
  const chains: Chains = {
    newest: new Int32Array(atoms).fill(NONE),
    older: new Int32Array(512),
    present: new Int32Array(Math.ceil(atoms / 32)),
    order: new Int32Array(512),
  }
  const offsets = new Int32Array(atoms + 1)
  let capacity = Math.ceil(expected * 1.05) + atoms
  let neighbour = new Int32Array(capacity)
  let displacement = new Float64Array(3 * capacity)
  let count = 0
  for (let i = 0; i < atoms; i++) {
    look(bins, i, seen)
    if (count + seen.count > capacity) {
      capacity = 2 * (count + seen.count)
      accept(capacity / 2)
      neighbour = grown(neighbour, new Int32Array(capacity))
      displacement = grown(displacement, new Float64Array(3 * capacity))
    }
    sortByNeighbour(seen, atomAt, chains)
    const home = 3 * placeOf[i]
    for (let s = 0; s < seen.count; s++, count++) {
      const place = seen.place[chains.order[s]]
      const n = seen.translation[chains.order[s]]
      neighbour[count] = atomAt[place]
      displacement[3 * count] = position[3 * place] - position[home] + translations[3 * n]
      displacement[3 * count + 1] = position[3 * place + 1] - position[home + 1] + translations[3 * n + 1]
      displacement[3 * count + 2] = position[3 * place + 2] - position[home + 2] + translations[3 * n + 2]
    }
    offsets[i + 1] = count
  }
  accept(count)
  return {
    atoms,
    offsets,
    neighbour: neighbour.subarray(0, count),
    displacement: displacement.subarray(0, 3 * count),
  }
}

/** What one atom sees, in the order of bins. Reused from atom to atom. */
interface Seen {
  count: number
  /** Place of the neighbour. */
  place: Int32Array
  /** Its lattice translation n, an index into `Bins.translations`. */
  translation: Int32Array
}

/**
 * The images around atom i, found as in `sphereTable` with bins in place of points: along the triangular axes a bin
 * fills an interval of u, and for each bin there one of v, and of w. Of one neighbour the last translation comes first.
 */
function look(bins: Bins, i: number, seen: Seen): void {
  const { radius, start, position, turned, translations } = bins
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
  let { place, translation } = seen
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
        if (count + end - begin > place.length) {
          place = seen.place = grown(place, new Int32Array(2 * (count + end - begin)))
          translation = seen.translation = grown(translation, new Int32Array(place.length))
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
          place[count] = at
          translation[count] = n
          count += Number(dx * dx + dy * dy + dz * dz <= R2)
        }
      }
    }
  }
  seen.count = count
}

const NONE = -1

/** Memory of `sortByNeighbour`, reused from atom to atom. */
interface Chains {
  /** [atoms] the latest image of each neighbour, NONE between calls */
  readonly newest: Int32Array
  /** The image of the same neighbour before. */
  older: Int32Array
  /** A bit for every atom: whether it is seen. */
  readonly present: Int32Array
  /** The result. */
  order: Int32Array
}

/**
 * Order of what an atom sees by ascending neighbour, in time linear in the images: those of one neighbour are a chain
 * that comes out backwards, first translation first, and the bits say which neighbours there are.
 */
function sortByNeighbour(seen: Seen, atomAt: Int32Array, chains: Chains): void {
  if (chains.older.length < seen.place.length) {
    chains.older = new Int32Array(seen.place.length)
    chains.order = new Int32Array(seen.place.length)
  }
  const { newest, older, present, order } = chains
  const { count, place } = seen
  for (let s = 0; s < count; s++) {
    const j = atomAt[place[s]]
    older[s] = newest[j]
    newest[j] = s
    present[j >> 5] |= 1 << (j & 31)
  }
  let at = 0
  for (let word = 0; word < present.length; word++) {
    for (let bits = present[word]; bits !== 0; bits &= bits - 1) {
      const j = 32 * word + 31 - Math.clz32(bits & -bits)
      for (let s = newest[j]; s !== NONE; s = older[s]) order[at++] = s
      newest[j] = NONE
    }
    present[word] = 0
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
