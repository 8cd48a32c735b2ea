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
import { surroundings } from './surroundings.ts'
import type { GeometrySpec, GraphGeometry, NeighbourTable, TableGeometry } from './types.ts'
import { uniqueAtoms } from './unique.ts'

/** One crystal, ready for `packBatch`: of the kind that its geometry is of. */
export type PreparedCrystal = TableCrystal | SiteCrystal | CellCrystal

export interface Sites {
  /** Of the cell; or where that was asked for, only those that no isometry takes into an earlier one. */
  readonly atoms: number
  /** [atoms] shares in the mean over the cell; each the same without symmetry */
  readonly shares: Float64Array
  /** E: species a site at most. */
  readonly occupants: number
  /** [atoms · E] row of the model's element table; 0 where a site has fewer species. */
  readonly species: Int32Array
  /** [atoms · E] occupancy; 0 where a site has fewer species. */
  readonly occupancy: Float64Array
}

interface WholeCell {
  /** Present when the geometry has wave vectors. */
  readonly waves?: WaveTable
  /** [9] axes of the cell as rows; present when the geometry has a frame. */
  readonly frame?: Float64Array
}

export interface TableCrystal extends Sites, WholeCell {
  readonly kind: 'tables'
  readonly images: NeighbourTable
  /** The images as runs of the same neighbour. */
  readonly runs: Runs
  /** Present when the geometry asks for the images that frames can be chosen from. */
  readonly near?: NearImages
}

export interface SiteCrystal extends Sites, WholeCell {
  readonly kind: 'sites'
}

export interface CellCrystal extends Sites {
  readonly kind: 'cells'
  readonly cell: PreparedCell
}

/** What a geometry makes of a crystal. */
export type PreparedAs<Spec extends GeometrySpec> = Spec extends GraphGeometry
  ? CellCrystal
  : Spec extends TableGeometry
    ? TableCrystal
    : SiteCrystal

export interface PrepareOptions {
  /**
   * Only one atom of each orbit of the isometries that the geometry names, with the share of its orbit: enough to evaluate
   * a network, but no gradients of positions, and not what an output for every atom is for. All atoms by default.
   */
  readonly oneOfEachOrbit?: boolean
}

/**
 * Geometry and species of one crystal for a model.
 *
 * @param elements atomic numbers by row of the model's element table
 * @throws ElementError when a site holds an element that the table lacks
 * @throws LimitError when the crystal has too many images
 * @throws StructureError when a site is shared by several species and the graph makes the images itself
 */
export function prepareCrystal<Spec extends GeometrySpec>(
  structure: Structure,
  spec: Spec,
  elements: readonly number[],
  options: PrepareOptions = {},
): PreparedAs<Spec> {
  return prepared(structure, spec, elements, options) as PreparedAs<Spec>
}

function prepared(
  structure: Structure,
  spec: GeometrySpec,
  elements: readonly number[],
  { oneOfEachOrbit = false }: PrepareOptions,
): PreparedCrystal {
  const sites = sitesOf(structure, elements)
  if (spec.in_graph) return { kind: 'cells', ...sites, cell: prepareCell(structure, spec) }
  const whole = {
    ...sites,
    ...(spec.frame && { frame: Float64Array.from(cellFrame(structure, spec.frame).flat()) }),
    ...(spec.reciprocal && { waves: waveTable(structure, spec.reciprocal.range) }),
  }
  if (!spec.images) return { kind: 'sites', ...whole }
  const table = neighbourTable(structure, spec.images)
  const unique =
    oneOfEachOrbit &&
    spec.symmetry &&
    uniqueAtoms(table, orbitsOf(structure, spec.symmetry, surroundings(table)))
  const images = unique ? unique.table : table
  const runs = runsOf(images)
  return {
    kind: 'tables',
    ...whole,
    ...(unique && {
      atoms: unique.atoms.length,
      species: pickedRows(sites.species, sites.occupants, unique.atoms),
      occupancy: pickedRows(sites.occupancy, sites.occupants, unique.atoms),
      shares: unique.shares,
    }),
    images,
    runs,
    ...(spec.near && { near: nearImages(images, runs, spec.near.decay) }),
  }
}

/** What is on the sites of a crystal. @throws ElementError when a site holds an element that the table lacks */
export function sitesOf(structure: Structure, elements: readonly number[]): Sites {
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
  return { atoms, shares: new Float64Array(atoms).fill(1 / atoms), occupants, species, occupancy }
}

/** Some rows of an array [rows · width]. */
export function pickedRows<T extends Int32Array | Float64Array>(
  values: T,
  width: number,
  rows: ArrayLike<number>,
): T {
  const picked = values.slice(0, rows.length * width) as T
  for (let to = 0; to < rows.length; to++) {
    picked.set(values.subarray(rows[to] * width, (rows[to] + 1) * width), to * width)
  }
  return picked
}

function unknownElement(element: number, site: number, elements: readonly number[]): ElementError {
  const range = `${symbolOf(Math.min(...elements))} to ${symbolOf(Math.max(...elements))}`
  return new ElementError(
    `site ${site + 1}: ${symbolOf(element)} (atomic number ${element}) is not among the ${elements.length} elements ` +
      `of the model, ${range}; use a model that was trained with it`,
  )
}
