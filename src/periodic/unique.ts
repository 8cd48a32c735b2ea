// A crystal without repetitions: of the atoms of an orbit only the first one has images, and images of the others are
// images of the first.

import type { NeighbourTable } from './types.ts'

/** The first atoms of the orbits, in ascending order. */
export interface UniqueAtoms {
  readonly table: NeighbourTable
  /** [unique atoms] numbers in the cell */
  readonly atoms: readonly number[]
  /** [unique atoms] share of the orbit in all atoms of the cell */
  readonly shares: Float64Array
}

/** @param first first atom of the orbit of every atom */
export function uniqueAtoms(table: NeighbourTable, first: Int32Array): UniqueAtoms {
  const atoms = [...first.keys()].filter((i) => first[i] === i)
  const number = Int32Array.from(first, (i) => atoms.indexOf(i))
  const shares = new Float64Array(atoms.length)
  for (const orbit of number) shares[orbit] += 1 / first.length
  const unique = atoms.length === table.atoms ? table : rowsOf(table, atoms, number)
  return { table: unique, atoms, shares }
}

/** Rows of some atoms; the images of each by the orbit of their atom, otherwise in the same order. */
function rowsOf(
  { offsets, neighbour, displacement }: NeighbourTable,
  atoms: readonly number[],
  orbit: Int32Array,
): NeighbourTable {
  const rows = new Int32Array(atoms.length + 1)
  atoms.forEach((i, u) => {
    rows[u + 1] = rows[u] + offsets[i + 1] - offsets[i]
  })
  const images = rows[atoms.length]
  const of = new Int32Array(images)
  const to = new Float64Array(3 * images)
  const next = new Int32Array(atoms.length + 1)
  for (let u = 0; u < atoms.length; u++) {
    const [first, end] = [offsets[atoms[u]], offsets[atoms[u] + 1]]
    next.fill(0)
    for (let n = first; n < end; n++) next[orbit[neighbour[n]] + 1]++
    next[0] = rows[u]
    for (let j = 0; j < atoms.length; j++) next[j + 1] += next[j]
    for (let n = first; n < end; n++) {
      const j = orbit[neighbour[n]]
      const at = next[j]++
      of[at] = j
      to[3 * at] = displacement[3 * n]
      to[3 * at + 1] = displacement[3 * n + 1]
      to[3 * at + 2] = displacement[3 * n + 2]
    }
  }
  return { atoms: atoms.length, offsets: rows, neighbour: of, displacement: to }
}
