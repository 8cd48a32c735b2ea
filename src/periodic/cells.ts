// Images within a sphere around every atom of a large cell, in time linear in the atoms: atoms are sorted into fractional
// bins, and an atom is compared with the bins its sphere touches. Small cells go to sphere.ts, which wastes nothing.

import type { Structure, Vec3 } from '../crystal/structure.ts'
import { boxTranslations } from './box.ts'
import {
  alongAxes,
  cartesianPositions,
  planeSpacings,
  type TriangularLattice,
  triangularLattice,
} from './lattice.ts'
import { SHELL_TOLERANCE } from './sphere.ts'
import type { NeighbourTable } from './types.ts'

/** Bins per radius along each axis. Bins along the third follow one another in memory, so fine ones cost nothing. */
const BINS_PER_RADIUS: Vec3 = [3, 3, 9]
/** Bins at most, per atom: a few atoms in a large vacuum must not ask for millions of empty bins. */
const BINS_PER_ATOM = 16

/**
 * The same table as `sphereTable`: every image with |p_j + n·L − p_i| ≤ radius Å.
 *
 * @param expected images to make room for; more are taken if there are more
 * @param accept called with the number of images before memory is taken for them; throws to refuse
 */
export function sphereTableByBins(
  structure: Structure,
  radius: number,
  expected: number,
  accept: (images: number) => void,
): NeighbourTable {
  const bins = binAtoms(structure, radius + SHELL_TOLERANCE)
  return tabulate(bins, findImages(bins, expected, accept))
}

/** Atoms moved into the cell and sorted by bin, bins with the third axis fastest. */
interface Bins {
  readonly radius: number
  readonly triangle: TriangularLattice
  /** Bins along each axis. */
  readonly counts: Vec3
  /** [bins + 1] first place of each bin */
  readonly start: Int32Array
  /** [atoms] atom at each place */
  readonly atomAt: Int32Array
  /** [atoms] place of each atom */
  readonly placeOf: Int32Array
  /** [atoms · 3] position of the atom at each place, moved into [0, 1)³, Å */
  readonly position: Float64Array
  /** [atoms · 3] the same along the triangular axes */
  readonly turned: Float64Array
  /** Largest |n_m| of an image in the sphere of an atom in the cell. */
  readonly range: Vec3
  /** [box of `range` · 3] n·L in Å */
  readonly translations: Float64Array
}

function binAtoms(structure: Structure, radius: number): Bins {
  const { frac, lattice } = structure
  const spacings = planeSpacings(lattice)
  const wanted = spacings.map((h, m) => Math.max(1, (h * BINS_PER_RADIUS[m]) / radius))
  const shrink = Math.min(1, Math.cbrt((BINS_PER_ATOM * frac.length) / (wanted[0] * wanted[1] * wanted[2])))
  const counts = vec3((m) => Math.max(1, Math.floor(wanted[m] * shrink)))
  const wrapped = frac.map((f) => vec3((m) => f[m] - Math.floor(f[m])))
  // A coordinate of −1e−17 wraps to 1 exactly: the last bin takes it.
  const bin = (f: Vec3, m: number) => Math.min(counts[m] - 1, Math.floor(f[m] * counts[m]))
  const binOf = Int32Array.from(wrapped, (f) => (bin(f, 0) * counts[1] + bin(f, 1)) * counts[2] + bin(f, 2))
  const { start, order, placeOf } = sortByBin(binOf, counts[0] * counts[1] * counts[2])

  const triangle = triangularLattice(lattice)
  const position = cartesianPositions({ ...structure, frac: Array.from(order, (i) => wrapped[i]) })
  const range = vec3((m) => Math.ceil(radius / spacings[m]))
  return {
    radius,
    triangle,
    counts,
    start,
    atomAt: order,
    placeOf,
    position,
    turned: alongAxes(position, triangle.axes),
    range,
    translations: boxTranslations(lattice, range),
  }
}

/** Counting sort, stable: atoms of one bin stay in ascending order. */
function sortByBin(binOf: Int32Array, bins: number) {
  const start = new Int32Array(bins + 1)
  for (const bin of binOf) start[bin + 1]++
  for (let bin = 0; bin < bins; bin++) start[bin + 1] += start[bin]
  const next = start.slice()
  const placeOf = binOf.map((bin) => next[bin]++)
  const order = new Int32Array(binOf.length)
  placeOf.forEach((place, i) => {
    order[place] = i
  })
  return { start, order, placeOf }
}

/** Images by neighbour j: j owns images offsets[j] … offsets[j+1]−1, for each place in scan order of n. */
interface Found {
  readonly offsets: Int32Array
  /** Place of the atom i that sees the image. */
  readonly place: Int32Array
  /** Its lattice translation, an index into `Bins.translations`. */
  readonly translation: Int32Array
}

/**
 * The images of every atom j, found as in `sphereTable` with bins in place of points: along the triangular axes a bin
 * fills an interval of the first coordinate, and for each bin there one of the second, and of the third.
 * Bins are visited backwards, because an atom further along an axis sees j in an earlier cell n.
 */
function findImages(bins: Bins, expected: number, accept: (images: number) => void): Found {
  const { radius, counts, start, placeOf, position, turned, range, translations } = bins
  const { u1, v1, w1, v2, w2, w3 } = bins.triangle
  const [count1, count2, count3] = counts
  const atoms = placeOf.length
  const R2 = radius * radius
  // Extents of one bin along the axes.
  const [du1, dv1, dw1] = [u1 / count1, v1 / count1, w1 / count1]
  const [dv2, dw2] = [v2 / count2, w2 / count2]
  const dw3 = w3 / count3

  const offsets = new Int32Array(atoms + 1)
  let capacity = Math.ceil(expected * 1.05) + atoms
  let place = new Int32Array(capacity)
  let translation = new Int32Array(capacity)
  let count = 0
  for (let j = 0; j < atoms; j++) {
    const home = 3 * placeOf[j]
    const x = position[home]
    const y = position[home + 1]
    const z = position[home + 2]
    const u = turned[home]
    const v = turned[home + 1]
    const w = turned[home + 2]
    const first1 = Math.floor((u - radius) / du1)
    for (let s1 = Math.floor((u + radius) / du1); s1 >= first1; s1--) {
      const n1 = -Math.floor(s1 / count1)
      const a = Math.max(0, s1 * du1 - u, u - (s1 + 1) * du1)
      const disc2 = R2 - a * a
      const disc = Math.sqrt(Math.max(0, disc2))
      const vLow = Math.min(s1 * dv1, (s1 + 1) * dv1)
      const vHigh = vLow + Math.abs(dv1)
      const wLow1 = Math.min(s1 * dw1, (s1 + 1) * dw1)
      const first2 = Math.max(-range[1] * count2, Math.floor((v - disc - vHigh) / dv2))
      const last2 = Math.min((range[1] + 1) * count2 - 1, Math.floor((v + disc - vLow) / dv2))
      for (let s2 = last2; s2 >= first2; s2--) {
        const n2 = -Math.floor(s2 / count2)
        const b = Math.max(0, vLow + s2 * dv2 - v, v - vHigh - (s2 + 1) * dv2)
        const chord = Math.sqrt(Math.max(0, disc2 - b * b))
        const wLow = wLow1 + Math.min(s2 * dw2, (s2 + 1) * dw2)
        const wHigh = wLow + Math.abs(dw1) + Math.abs(dw2)
        const first3 = Math.max(-range[2] * count3, Math.floor((w - chord - wHigh) / dw3))
        const last3 = Math.min((range[2] + 1) * count3 - 1, Math.floor((w + chord - wLow) / dw3))
        const line = ((s1 + n1 * count1) * count2 + s2 + n2 * count2) * count3
        const shift12 = ((n1 + range[0]) * (2 * range[1] + 1) + n2 + range[1]) * (2 * range[2] + 1) + range[2]
        const end3 = -Math.floor(first3 / count3)
        for (let n3 = -Math.floor(last3 / count3); n3 <= end3; n3++) {
          const begin = start[line + Math.max(0, first3 + n3 * count3)]
          const end = start[line + Math.min(count3 - 1, last3 + n3 * count3) + 1]
          if (count + end - begin > capacity) {
            accept(count)
            capacity = 2 * capacity + end - begin
            place = grown(place, capacity)
            translation = grown(translation, capacity)
          }
          const shift = shift12 + n3
          const tx = translations[3 * shift]
          const ty = translations[3 * shift + 1]
          const tz = translations[3 * shift + 2]
          for (let at = begin; at < end; at++) {
            const dx = x - position[3 * at] + tx
            const dy = y - position[3 * at + 1] + ty
            const dz = z - position[3 * at + 2] + tz
            // Written always, kept if inside: cheaper than a branch that cannot be predicted.
            place[count] = at
            translation[count] = shift
            count += dx * dx + dy * dy + dz * dz <= R2 ? 1 : 0
          }
        }
      }
    }
    offsets[j + 1] = count
  }
  accept(count)
  return { offsets, place, translation }
}

/** Goes through the neighbours j in ascending order, so that the images of every atom i come out in table order. */
function tabulate(bins: Bins, found: Found): NeighbourTable {
  const { atomAt, placeOf, position, translations } = bins
  const atoms = atomAt.length
  const images = found.offsets[atoms]
  const perPlace = new Int32Array(atoms)
  for (let f = 0; f < images; f++) perPlace[found.place[f]]++
  const offsets = new Int32Array(atoms + 1)
  for (let i = 0; i < atoms; i++) offsets[i + 1] = offsets[i] + perPlace[placeOf[i]]

  const next = Int32Array.from(atomAt, (i) => offsets[i])
  const neighbour = new Int32Array(images)
  const displacement = new Float64Array(3 * images)
  for (let j = 0; j < atoms; j++) {
    const home = 3 * placeOf[j]
    for (let f = found.offsets[j]; f < found.offsets[j + 1]; f++) {
      const at = found.place[f]
      const image = next[at]++
      const shift = 3 * found.translation[f]
      neighbour[image] = j
      displacement[3 * image] = position[home] - position[3 * at] + translations[shift]
      displacement[3 * image + 1] = position[home + 1] - position[3 * at + 1] + translations[shift + 1]
      displacement[3 * image + 2] = position[home + 2] - position[3 * at + 2] + translations[shift + 2]
    }
  }
  return { atoms, offsets, neighbour, displacement }
}

function grown(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity)
  to.set(from)
  return to
}

function vec3(component: (m: number) => number): Vec3 {
  return [component(0), component(1), component(2)]
}
