// What the 3D view draws of a crystal: the atoms of some cells with their images on the outer faces, and bonds between
// near neighbours. Drawing only: nothing of it enters a prediction.

import { toCartesian, wrap } from '../crystal/cell.ts'
import { covalentRadius } from '../crystal/covalent-radii.ts'
import type { Site, Structure } from '../crystal/structure.ts'
import type { Vec3 } from '../math/vectors.ts'

export interface DrawnAtom {
  readonly site: number
  /** of the main occupant */
  readonly element: number
  /** Å */
  readonly position: Vec3
}

/** Coordinates nearer to a face than this (in cells) are drawn on the opposite face too. */
const FACE = 0.02
/** A bond is at most so much longer than the shortest distance of either of its atoms. */
const BOND = 1.18
/** Å: neighbours are looked for within this, or farther in a sparse crystal. */
const NEAR = 3.2
/** Of the room that an atom has, as a length. */
const SPARSE = 2

/** The atomic number of what is most on a site. */
export function mainElement({ species }: Structure, site: number): number {
  return species[site].reduce((most, o) => (o.occupancy > most.occupancy ? o : most)).element
}

/** Å, of the sphere of an atom: between one size for all and its covalent radius. */
export function atomRadius(element: number): number {
  return 0.18 + 0.25 * covalentRadius(element)
}

/** Whether a site holds several elements, or is not always full. */
export function isMixed(site: Site): boolean {
  return site.length > 1 || site[0].occupancy < 1 - 1e-6
}

/** Position of a site in the first cell, Å. */
export function sitePosition({ lattice, frac }: Structure, site: number): Vec3 {
  return toCartesian(wrap(frac[site]), lattice)
}

/** Atoms of `cells` × `cells` × `cells` cells: at most `limit` of them, the first ones, and how many there are. */
export function expand(
  structure: Structure,
  cells: number,
  limit: number,
): { readonly atoms: DrawnAtom[]; readonly total: number } {
  const atoms: DrawnAtom[] = []
  let total = 0
  structure.frac.forEach((frac, site) => {
    const element = mainElement(structure, site)
    const [xs, ys, zs] = wrap(frac).map((f) => repeats(f, cells))
    total += xs.length * ys.length * zs.length
    for (const x of xs) {
      for (const y of ys) {
        for (const z of zs) {
          if (atoms.length === limit) return
          atoms.push({ site, element, position: toCartesian([x, y, z], structure.lattice) })
        }
      }
    }
  })
  return { atoms, total }
}

/** Where a coordinate in [0, 1) stands in a row of cells, both ends included. */
function repeats(f: number, cells: number): number[] {
  const all = Array.from({ length: cells + 2 }, (_, n) => f + n - 1)
  return all.filter((x) => x > -FACE && x < cells + FACE)
}

/** Pairs of atoms that a bond joins: nearest neighbours of each other, or nearly so. */
export function bonds(atoms: readonly DrawnAtom[]): [number, number][] {
  if (atoms.length === 0) return []
  const reach = Math.max(NEAR, SPARSE * Math.cbrt(boxVolume(atoms) / atoms.length))
  const bins = new Map<string, number[]>()
  const binOf = ({ position }: DrawnAtom) => position.map((x) => Math.floor(x / reach))
  for (const [i, atom] of atoms.entries()) {
    const key = binOf(atom).join()
    const bin = bins.get(key)
    if (bin) bin.push(i)
    else bins.set(key, [i])
  }
  const around = (i: number) => {
    const [a, b, c] = binOf(atoms[i])
    const near: number[] = []
    for (const x of [a - 1, a, a + 1]) {
      for (const y of [b - 1, b, b + 1]) {
        for (const z of [c - 1, c, c + 1]) near.push(...(bins.get(`${x},${y},${z}`) ?? []))
      }
    }
    return near.filter((j) => j !== i)
  }
  const distance = (i: number, j: number) => {
    const [p, q] = [atoms[i].position, atoms[j].position]
    return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
  }
  const neighbours = atoms.map((_, i) => around(i).filter((j) => distance(i, j) <= reach))
  const nearest = neighbours.map((near, i) =>
    near.reduce((least, j) => Math.min(least, distance(i, j)), Infinity),
  )
  return neighbours.flatMap((near, i) =>
    near
      .filter((j) => j > i && distance(i, j) <= BOND * Math.min(nearest[i], nearest[j]))
      .map((j): [number, number] => [i, j]),
  )
}

/** Å³ of the box around atoms; flat ones have some thickness. */
function boxVolume(atoms: readonly DrawnAtom[]): number {
  let volume = 1
  for (const m of [0, 1, 2]) {
    const [low, high] = atoms.reduce(
      ([low, high], { position }) => [Math.min(low, position[m]), Math.max(high, position[m])],
      [Infinity, -Infinity],
    )
    volume *= Math.max(NEAR, high - low)
  }
  return volume
}
