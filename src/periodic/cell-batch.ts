// Batches for graphs that make the images themselves: cells padded to the same number of atoms, and the table of
// translations that reaches every image of any of them. docs/export.md says the same for hosts without this code.

import { isOrdered, type Structure } from '../crystal/structure.ts'
import { ConfigError, LimitError, StructureError } from '../errors.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'
import { planeSpacings } from './lattice.ts'
import type { BatchTensor, FloatArray, FloatArrays, GeometrySpec, NeighbourTable } from './types.ts'

/** What a graph is given of one crystal. */
export interface PreparedCell {
  readonly lattice: Mat3
  /** [atoms · 3] */
  readonly frac: Float64Array
  /** R: the translations |n_m| ≤ R_m reach every image within the radius. */
  readonly range: Vec3
}

/** Images of one cell at most, atoms² · translations: they take about 64 floats each in the graph. */
const MAX_IMAGES = 2 ** 22

/**
 * R_m = ⌊radius/h_m + ½⌋ for the distances h_m between lattice planes: with coordinates that differ by at most half a
 * cell, an image n lies at least (|n_m| − ½)·h_m away.
 */
function translationRange(lattice: Mat3, radius: number): Vec3 {
  const [h1, h2, h3] = planeSpacings(lattice)
  const range = (h: number) => Math.floor(radius / h + 0.5)
  return [range(h1), range(h2), range(h3)]
}

/** Every n with |n_m| ≤ R_m, flat [T · 3], n3 fastest. */
function translationTable([r1, r2, r3]: Vec3): Float32Array {
  const table = new Float32Array(3 * (2 * r1 + 1) * (2 * r2 + 1) * (2 * r3 + 1))
  let at = 0
  for (let n1 = -r1; n1 <= r1; n1++) {
    for (let n2 = -r2; n2 <= r2; n2++) {
      for (let n3 = -r3; n3 <= r3; n3++) {
        table[at++] = n1
        table[at++] = n2
        table[at++] = n3
      }
    }
  }
  return table
}

/** @throws LimitError for a cell with too many images; StructureError for a site of several species. */
export function prepareCell(structure: Structure, { images }: GeometrySpec): PreparedCell {
  if (images?.kind !== 'sphere') {
    throw new ConfigError('images made in the graph are those of a sphere; export the model again')
  }
  const { lattice, species } = structure
  if (!isOrdered(structure)) {
    const site = species.findIndex((occupants) => occupants.length > 1 || occupants[0].occupancy !== 1)
    throw new StructureError(
      `site ${site + 1} is shared or partly empty: a model with its geometry in the graph takes ordered crystals; use ` +
        'one exported with neighbour tables',
    )
  }
  const range = translationRange(lattice, images.radius)
  const count = species.length ** 2 * range.reduce((product, r) => product * (2 * r + 1), 1)
  if (!(count <= MAX_IMAGES)) {
    throw new LimitError(
      `a cell of ${species.length} atoms and ${count} images of them in the graph, expected at most ${MAX_IMAGES}; use a ` +
        'smaller cell, or a model exported with neighbour tables',
    )
  }
  return { lattice, frac: Float64Array.from(structure.frac.flat()), range }
}

/** The tensors species, frac, lattice, atom_mask and translations (types.ts). */
export function packCells(
  crystals: readonly { readonly species: Int32Array }[],
  cells: readonly PreparedCell[],
  Floats: FloatArrays<FloatArray>,
): Record<string, BatchTensor<FloatArray>> {
  const count = cells.length
  const most = crystals.reduce((n, { species }) => Math.max(n, species.length), 1)
  const species = new Int32Array(count * most)
  const mask = new Floats(count * most)
  const frac = new Floats(3 * count * most)
  const lattice = new Floats(9 * count)
  cells.forEach((cell, c) => {
    species.set(crystals[c].species, c * most)
    mask.fill(1, c * most, c * most + crystals[c].species.length)
    frac.set(cell.frac.map(intoCell), 3 * c * most)
    lattice.set(cell.lattice.flat(), 9 * c)
  })
  const range = [0, 1, 2].map((m) => cells.reduce((r, cell) => Math.max(r, cell.range[m]), 0))
  const table = translationTable(range as unknown as Vec3)
  const translations = new Floats(table.length)
  translations.set(table)
  return {
    species: { data: species, dims: [count, most] },
    frac: { data: frac, dims: [count, most, 3] },
    lattice: { data: lattice, dims: [count, 3, 3] },
    atom_mask: { data: mask, dims: [count, most] },
    translations: { data: translations, dims: [translations.length / 3, 3] },
  }
}

/**
 * Where the images of a crystal lie along the axis [A · T · N] of a graph that is given this cell alone, as imagePlaces
 * says it of a neighbour table. The graph takes the nearest image of each atom for n = 0, as it finds it in float32; an
 * image at the rim that its table lacks has the place −1.
 * @param numbers [images · 3] the cells n of the images, for coordinates as given
 */
export function placesInCell(
  { frac, range }: PreparedCell,
  { atoms, offsets, neighbour }: NeighbourTable,
  numbers: Int32Array,
): Int32Array {
  const translations = range.reduce((product, r) => product * (2 * r + 1), 1)
  const places = new Int32Array(neighbour.length)
  const at = (site: number, m: number) => Math.fround(intoCell(frac[3 * site + m]))
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const j = neighbour[image]
      let row = 0
      for (let m = 0; m < 3; m++) {
        const nearest = Math.floor(Math.fround(Math.fround(at(j, m) - at(i, m)) + 0.5))
        const moved = Math.floor(frac[3 * j + m]) - Math.floor(frac[3 * i + m])
        const n = numbers[3 * image + m] + moved + nearest + range[m]
        row = row < 0 || n < 0 || n > 2 * range[m] ? -1 : row * (2 * range[m] + 1) + n
      }
      places[image] = row < 0 ? -1 : (i * translations + row) * atoms + j
    }
  }
  return places
}

/** Far from the origin a coordinate would lose digits in float32. */
function intoCell(f: number): number {
  return f - Math.floor(f)
}
