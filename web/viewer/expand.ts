// What the 3D view draws of a crystal: the atoms of some cells with their images on the outer faces, and bonds between
// near neighbours. Drawing only: nothing of it enters a prediction.

import { toCartesian, wrap } from '../../src/crystal/cell.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'

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

/** The atomic number of what is most on a site. */
export function mainElement({ species }: Structure, site: number): number {
  return species[site].reduce((most, o) => (o.occupancy > most.occupancy ? o : most)).element
}

/** Position of a site in the first cell, Å. */
export function sitePosition({ lattice, frac }: Structure, site: number): Vec3 {
  return toCartesian(wrap(frac[site]), lattice)
}

/** Atoms of `cells` × `cells` × `cells` cells, at most `limit`: of a cell with more, the first ones. */
export function expand(structure: Structure, cells: number, limit: number): DrawnAtom[] {
  const atoms: DrawnAtom[] = []
  structure.frac.forEach((frac, site) => {
    const element = mainElement(structure, site)
    const [xs, ys, zs] = wrap(frac).map((f) => repeats(f, cells))
    for (const x of xs) {
      for (const y of ys) {
        for (const z of zs) {
          if (atoms.length === limit) return
          atoms.push({ site, element, position: toCartesian([x, y, z], structure.lattice) })
        }
      }
    }
  })
  return atoms
}

/** Where a coordinate in [0, 1) stands in a row of cells, both ends included. */
function repeats(f: number, cells: number): number[] {
  const all = Array.from({ length: cells + 2 }, (_, n) => f + n - 1)
  return all.filter((x) => x > -FACE && x < cells + FACE)
}

/** Pairs of atoms that a bond joins: nearest neighbours of each other, or nearly so. */
export function bonds(atoms: readonly DrawnAtom[]): [number, number][] {
  const distance = (i: number, j: number) =>
    Math.hypot(...atoms[i].position.map((x, m) => x - atoms[j].position[m]))
  const nearest = atoms.map((_, i) =>
    atoms.reduce((least, _, j) => (j === i ? least : Math.min(least, distance(i, j))), Infinity),
  )
  const pairs: [number, number][] = []
  for (let i = 0; i < atoms.length; i++) {
    for (let j = i + 1; j < atoms.length; j++) {
      if (distance(i, j) <= BOND * Math.min(nearest[i], nearest[j])) pairs.push([i, j])
    }
  }
  return pairs
}
