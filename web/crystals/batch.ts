// Crystals on their way from the worker that reads them to the page, and as the page keeps them: typed arrays, whose
// memory moves instead of being copied, and of which thousands cost little. A row that could not be read has no sites.

import type { Failure } from '../../src/components/failure.ts'
import { formula, reducedFormula } from '../../src/crystal/formula.ts'
import type { Site, Structure } from '../../src/crystal/structure.ts'
import { structure } from '../../src/crystal/structure.ts'

/** One structure of one file, or why there is none. */
export interface ReadRow {
  readonly file: string
  /** within the file, from 0 */
  readonly index: number
  readonly structure?: Structure
  readonly failure?: Failure
  readonly warnings: readonly string[]
  /** numbers that stand beside the structure, by name */
  readonly labels?: Readonly<Record<string, number>>
}

/** Rows, a column for each part. */
export interface Batch {
  readonly files: readonly string[]
  /** place in the file, from 0 */
  readonly index: Uint32Array
  /** first site of every row, and the number of sites: [rows + 1] */
  readonly sites: Uint32Array
  /** [rows, 3, 3], Å */
  readonly lattices: Float64Array
  /** [sites, 3] */
  readonly frac: Float64Array
  /** first occupant of every site, and their number: [sites + 1] */
  readonly occupants: Uint32Array
  readonly elements: Uint8Array
  readonly occupancies: Float64Array
  /** of the whole cell, and of its smallest unit */
  readonly formulas: readonly string[]
  readonly reduced: readonly string[]
  readonly names: readonly (string | undefined)[]
  readonly failures: readonly (Failure | undefined)[]
  readonly warnings: readonly (readonly string[])[]
  readonly labels: readonly (Readonly<Record<string, number>> | undefined)[]
}

export function packed(rows: readonly ReadRow[]): Batch {
  const crystals = rows.map(({ structure }) => structure)
  const counts = crystals.map((crystal) => crystal?.frac.length ?? 0)
  const species = crystals.flatMap((crystal) => crystal?.species ?? [])
  const occupants = species.flat()
  return {
    files: rows.map(({ file }) => file),
    index: Uint32Array.from(rows, ({ index }) => index),
    sites: starts(counts),
    lattices: Float64Array.from(crystals.flatMap((crystal) => crystal?.lattice.flat() ?? Array(9).fill(0))),
    frac: Float64Array.from(crystals.flatMap((crystal) => crystal?.frac.flat() ?? [])),
    occupants: starts(species.map(({ length }) => length)),
    elements: Uint8Array.from(occupants, ({ element }) => element),
    occupancies: Float64Array.from(occupants, ({ occupancy }) => occupancy),
    formulas: crystals.map((crystal) => (crystal ? formula(crystal) : '')),
    reduced: crystals.map((crystal) => (crystal ? reducedFormula(crystal) : '')),
    names: crystals.map((crystal) => crystal?.name),
    failures: rows.map(({ failure }) => failure),
    warnings: rows.map(({ warnings }) => warnings),
    labels: rows.map(({ labels }) => labels),
  }
}

function starts(counts: readonly number[]): Uint32Array {
  const all = new Uint32Array(counts.length + 1)
  for (const [n, count] of counts.entries()) all[n + 1] = all[n] + count
  return all
}

/** The memory that moves with a batch. */
export function memoryOf(batch: Batch): ArrayBuffer[] {
  return Object.values(batch).flatMap((part) =>
    ArrayBuffer.isView(part) ? [part.buffer as ArrayBuffer] : [],
  )
}

export function sitesOf({ sites }: Batch, row: number): number {
  return sites[row + 1] - sites[row]
}

/** The crystal of a row that has one. */
export function unpacked(batch: Batch, row: number): Structure {
  const { sites, lattices, frac, occupants, elements, occupancies, names } = batch
  const triple = (of: Float64Array, n: number) => [of[3 * n], of[3 * n + 1], of[3 * n + 2]]
  const all = Array.from({ length: sitesOf(batch, row) }, (_, n) => sites[row] + n)
  const site = (n: number): Site =>
    Array.from(elements.subarray(occupants[n], occupants[n + 1]), (element, o) => ({
      element,
      occupancy: occupancies[occupants[n] + o],
    }))
  return structure({
    lattice: [0, 1, 2].map((m) => triple(lattices, 3 * row + m)),
    frac: all.map((n) => triple(frac, n)),
    species: all.map(site),
    name: names[row],
  })
}
