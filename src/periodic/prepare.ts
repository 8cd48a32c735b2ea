// What a batch needs of one crystal, made once per crystal: rows of the element table, neighbour table, wave table.

import { symbolOf } from '../crystal/elements.ts'
import type { Site, Structure } from '../crystal/structure.ts'
import { ElementError } from '../errors.ts'
import { type PreparedCell, prepareCell } from './cell-batch.ts'
import { cellFrame } from './cell-frames.ts'
import { type NearImages, nearImages } from './near-images.ts'
import { neighbourTable } from './neighbours.ts'
import { orbitsOf } from './orbits.ts'
import { type WaveTable, waveTable } from './reciprocal.ts'
import { type Runs, runsOf } from './runs.ts'
import type { GeometrySpec, NeighbourTable } from './types.ts'
import { uniqueAtoms } from './unique.ts'

/** One crystal, ready for `packBatch`. */
export interface PreparedCrystal {
  /** Of the cell; where the geometry says so, only those that no isometry takes into an earlier one. */
  readonly atoms: number
  /** [atoms] shares in the mean over the cell; each the same without symmetry */
  readonly shares: Float64Array
  /** E: species a site at most. */
  readonly occupants: number
  /** [atoms · E] row of the model's element table; 0 where a site has fewer species. */
  readonly species: Int32Array
  /** [atoms · E] occupancy; 0 where a site has fewer species. */
  readonly occupancy: Float64Array
  /** Present when the geometry has images. */
  readonly images?: NeighbourTable
  /** The images as runs of the same neighbour; present with `images`. */
  readonly runs?: Runs
  /** Present when the geometry asks for the images that frames can be chosen from. */
  readonly near?: NearImages
  /** Present when the geometry has wave vectors. */
  readonly waves?: WaveTable
  /** [9] axes of the cell as rows; present when the geometry has a frame. */
  readonly frame?: Float64Array
  /** Present when the graph makes the images itself; then there are none of the other parts. */
  readonly cell?: PreparedCell
}

/**
 * Geometry and species of one crystal for a model.
 *
 * @param elements atomic numbers by row of the model's element table
 * @throws ElementError when a site holds an element that the table lacks
 * @throws LimitError when the crystal has too many images
 * @throws StructureError when a site is shared by several species and the graph makes the images itself
 */
export function prepareCrystal(
  structure: Structure,
  spec: GeometrySpec,
  elements: readonly number[],
): PreparedCrystal {
  const atoms = structure.species.length
  const occupants = structure.species.reduce((most, site) => Math.max(most, site.length), 1)
  const species = new Int32Array(atoms * occupants)
  const occupancy = new Float64Array(atoms * occupants)
  structure.species.forEach((site: Site, i) => {
    site.forEach((occupant, e) => {
      const row = elements.indexOf(occupant.element)
      if (row < 0) throw unknownElement(occupant.element, i, elements)
      species[i * occupants + e] = row
      occupancy[i * occupants + e] = occupant.occupancy
    })
  })
  const shares = new Float64Array(atoms).fill(1 / atoms)
  const sites = { atoms, shares, occupants, species, occupancy }
  if (spec.in_graph) return { ...sites, cell: prepareCell(structure, spec) }
  const whole: PreparedCrystal = {
    ...sites,
    ...(spec.frame && { frame: Float64Array.from(cellFrame(structure, spec.frame).flat()) }),
    ...(spec.reciprocal && { waves: waveTable(structure, spec.reciprocal.range) }),
  }
  if (!spec.images) return whole
  const table = neighbourTable(structure, spec.images)
  const unique = spec.symmetry && uniqueAtoms(table, orbitsOf(structure, spec.symmetry, table))
  const images = unique ? unique.table : table
  const runs = runsOf(images)
  return {
    ...whole,
    ...(unique && {
      atoms: unique.atoms.length,
      species: rowsOf(species, occupants, unique.atoms),
      occupancy: rowsOf(occupancy, occupants, unique.atoms),
      shares: unique.shares,
    }),
    images,
    runs,
    ...(spec.near && { near: nearImages(images, runs, spec.near.decay) }),
  }
}

/** Some rows of an array [rows · width]. */
function rowsOf<T extends Int32Array | Float64Array>(values: T, width: number, rows: readonly number[]): T {
  const picked = values.slice(0, rows.length * width) as T
  rows.forEach((row, to) => {
    picked.set(values.subarray(row * width, (row + 1) * width), to * width)
  })
  return picked
}

function unknownElement(element: number, site: number, elements: readonly number[]): ElementError {
  const range = `${symbolOf(Math.min(...elements))} to ${symbolOf(Math.max(...elements))}`
  return new ElementError(
    `site ${site + 1}: ${symbolOf(element)} (atomic number ${element}) is not among the ${elements.length} elements ` +
      `of the model, ${range}; use a model that was trained with it`,
  )
}
