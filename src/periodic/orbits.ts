// Atoms that an isometry of the crystal takes into each other. A network that knows its surroundings by distances alone,
// or however they are turned, gives them all the same features: it needs to look at one of them only (unique.ts).

import { fractionalOf, heights, toCartesian } from '../crystal/cell.ts'
import { cellVolume, type Structure } from '../crystal/structure.ts'
import { dot, type Mat3, type Vec3 } from '../math/vectors.ts'
import { reducedLattice } from './lattice.ts'
import type { Isometries } from './types.ts'

/** Å. Positions that agree to this are equal: what files with six decimals leave of equal ones. */
const TOLERANCE = 1e-5
/** What rounding in float64 leaves of them. */
export const EXACT = 1e-9
/** Sums over the surroundings of an atom (surroundings.ts) that may be equal: rounding of positions changes them by less. */
const ALIKE = 1e-4
/** Vectors as long as those of a reduced basis are Σ n_m·b_m with |n_m| up to this. */
const REACH = 1
/** Atoms of a cell at most: larger ones are rarely symmetric, and an isometry takes the square of the atoms. */
const MAX_ATOMS = 200
/** Shifts that fail at most: a large cell that is nearly symmetric has more than its prediction is worth. */
const MAX_FAILURES = 1000

/**
 * The first atom of the orbit of every atom. An isometry that is not found only leaves orbits smaller.
 *
 * @param sums over the surroundings of every atom, the same in an orbit (surroundings.ts)
 * @param tolerance Å, of positions that are equal
 */
export function orbitsOf(
  { lattice, frac, species }: Structure,
  isometries: Isometries,
  sums: Float64Array,
  tolerance = TOLERANCE,
): Int32Array {
  const first = Int32Array.from(frac, (_, i) => i)
  if (frac.length === 1 || frac.length > MAX_ATOMS) return first
  const kinds = kindsOf(species, sums)
  let left = frac.length - kinds.length
  if (left === 0) return first
  const basis = reducedLattice(lattice)
  const atoms = atomsIn(basis, lattice, frac, kinds, tolerance)
  const [seed] = atoms.ofKind[0]
  let failures = 0
  for (const turn of turnsOf(basis, isometries, tolerance)) {
    const turned = turnedBy(turn, atoms.places)
    for (const target of atoms.ofKind[0]) {
      if (left === 0) return first
      const images = imagesOf(turned, atoms, seed, target)
      if (!images && ++failures === MAX_FAILURES) return first
      for (let i = 0; images && i < images.length; i++) if (joined(first, i, images[i])) left--
    }
  }
  return first
}

/** Whether half of the atoms have another that may be in their orbit: of a symmetric crystal, exactly so or nearly, most have. */
export function mayBeSymmetric(species: Structure['species'], sums: Float64Array): boolean {
  return 2 * kindsOf(species, sums).length <= Math.max(species.length, 2)
}

/** Makes two orbits one; false where they are. */
function joined(first: Int32Array, i: number, j: number): boolean {
  const [low, high] = [Math.min(first[i], first[j]), Math.max(first[i], first[j])]
  if (low === high) return false
  for (let n = 0; n < first.length; n++) if (first[n] === high) first[n] = low
  return true
}

/** Atoms that may be in one orbit: of the same species, with surroundings alike. The smallest group first. */
function kindsOf(species: Structure['species'], sums: Float64Array): number[][] {
  const bySpecies = new Map<string, number[]>()
  species.forEach((site, i) => {
    const name = JSON.stringify(site)
    const same = bySpecies.get(name)
    if (same) same.push(i)
    else bySpecies.set(name, [i])
  })
  const kinds: number[][] = []
  for (const same of bySpecies.values()) {
    same.sort((i, j) => sums[i] - sums[j])
    same.forEach((i, at) => {
      if (at > 0 && sums[i] - sums[same[at - 1]] < ALIKE) kinds[kinds.length - 1].push(i)
      else kinds.push([i])
    })
  }
  return kinds.sort((a, b) => a.length - b.length)
}

interface Atoms {
  /** numbers n of p = Σ n_m·b_m, flat [atoms · 3] */
  readonly places: Float64Array
  /** atoms that may be in one orbit, the smallest group first */
  readonly ofKind: readonly (readonly number[])[]
  /** how far the numbers of equal places may be apart */
  readonly tolerance: Vec3
}

function atomsIn(
  basis: Mat3,
  lattice: Mat3,
  frac: readonly Vec3[],
  ofKind: Atoms['ofKind'],
  tolerance: number,
): Atoms {
  const numbersOf = fractionalOf(basis)
  const places = Float64Array.from(frac.flatMap((f) => numbersOf(toCartesian(f, lattice))))
  const [t1, t2, t3] = heights(basis).map((height) => tolerance / height)
  return { places, ofKind, tolerance: [t1, t2, t3] }
}

/** The turns of the lattice into itself: rows n_k of whole numbers, b_k goes to Σ_m n_km·b_m. */
function* turnsOf(basis: Mat3, isometries: Isometries, tolerance: number): Generator<Mat3> {
  const [b1, b2, b3] = basis
  const vectors = shortVectors(basis)
  const [ones, twos, threes] = basis.map((b) => vectors.filter(({ v }) => isAngle(v, v, b, b, tolerance)))
  const handedness = cellVolume(basis)
  for (const one of ones) {
    for (const two of twos) {
      if (!isAngle(one.v, two.v, b1, b2, tolerance)) continue
      for (const three of threes) {
        if (!isAngle(one.v, three.v, b1, b3, tolerance) || !isAngle(two.v, three.v, b2, b3, tolerance))
          continue
        if (isometries === 'proper' && cellVolume([one.v, two.v, three.v]) * handedness < 0) continue
        yield [one.n, two.n, three.n]
      }
    }
  }
}

/** Whether v·w is b·c but for the tolerance, for vectors of the same lengths. */
function isAngle(v: Vec3, w: Vec3, b: Vec3, c: Vec3, tolerance: number): boolean {
  const apart = Math.abs(v[0] * w[0] + v[1] * w[1] + v[2] * w[2] - b[0] * c[0] - b[1] * c[1] - b[2] * c[2])
  return apart < 1 && apart * apart < tolerance * tolerance * (dot(b, b) + dot(c, c))
}

/** The lattice vectors within REACH, with their numbers. */
function shortVectors(basis: Mat3): { readonly n: Vec3; readonly v: Vec3 }[] {
  const vectors: { n: Vec3; v: Vec3 }[] = []
  for (let n1 = -REACH; n1 <= REACH; n1++) {
    for (let n2 = -REACH; n2 <= REACH; n2++) {
      for (let n3 = -REACH; n3 <= REACH; n3++) {
        const n: Vec3 = [n1, n2, n3]
        vectors.push({ n, v: toCartesian(n, basis) })
      }
    }
  }
  return vectors
}

function turnedBy([n1, n2, n3]: Mat3, places: Float64Array): Float64Array {
  const turned = new Float64Array(places.length)
  for (let at = 0; at < places.length; at += 3) {
    const x = places[at]
    const y = places[at + 1]
    const z = places[at + 2]
    for (let m = 0; m < 3; m++) turned[at + m] = x * n1[m] + y * n2[m] + z * n3[m]
  }
  return turned
}

/** Where the atoms go with a shift that takes `seed` to `target`; undefined when one meets none of its kind. */
function imagesOf(
  turned: Float64Array,
  { places, ofKind, tolerance: [t1, t2, t3] }: Atoms,
  seed: number,
  target: number,
): Int32Array | undefined {
  const images = new Int32Array(turned.length / 3)
  const s1 = places[3 * target] - turned[3 * seed]
  const s2 = places[3 * target + 1] - turned[3 * seed + 1]
  const s3 = places[3 * target + 2] - turned[3 * seed + 2]
  for (const kind of ofKind) {
    for (const i of kind) {
      const x = turned[3 * i] + s1
      const y = turned[3 * i + 1] + s2
      const z = turned[3 * i + 2] + s3
      let found = -1
      for (let n = 0; n < kind.length && found < 0; n++) {
        const j = kind[n]
        const apart = x - places[3 * j]
        if (Math.abs(apart - Math.round(apart)) > t1) continue
        const beside = y - places[3 * j + 1]
        if (Math.abs(beside - Math.round(beside)) > t2) continue
        const above = z - places[3 * j + 2]
        if (Math.abs(above - Math.round(above)) <= t3) found = j
      }
      if (found < 0) return undefined
      images[i] = found
    }
  }
  return images
}
