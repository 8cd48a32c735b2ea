// How much every atom attends to every periodic image around it: the attention weights of a graph, put into the order of
// the images and without padding.

import { fractionalOf } from '../src/crystal/cell.ts'
import { type Structure, validated } from '../src/crystal/structure.ts'
import { ConfigError } from '../src/errors.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { placesInCell } from '../src/periodic/cell-batch.ts'
import { neighbourTable } from '../src/periodic/neighbours.ts'
import { imagePlaces } from '../src/periodic/pack-images.ts'
import type { NeighbourTable } from '../src/periodic/types.ts'
import { ofAllAtoms } from '../src/periodic/unique.ts'
import type { Card } from './card.ts'
import { attendingBlocks, attentionName, framesName, requireOutput } from './outputs.ts'
import { prepare } from './predict.ts'
import type { Outputs, OutputTensor, Runtime } from './runtime.ts'

/**
 * How the atoms of one crystal attend to the periodic images around them; flat arrays, row by row, without padding.
 * For atom i, its images are rows offsets[i] … offsets[i+1] − 1 of `site`, `cell`, `displacement` and `weights`; the
 * atom itself is one of them, with displacement 0. Over the images of an atom, the weights of one block and head sum
 * to 1. B blocks, H heads.
 */
export interface Attention {
  /** Atoms of the cell. */
  readonly atoms: number
  /** [B] Numbers of the blocks whose heads work in real space; all, in most networks. */
  readonly blocks: readonly number[]
  /** H: heads in real space; half of all in a network of both spaces. */
  readonly heads: number
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** [images] The atom whose image this is. Ascending within an atom's images. */
  readonly site: Int32Array
  /** [images · 3] The cell that the image lies in: n of p_site + n·L, for coordinates as given. */
  readonly cell: Int32Array
  /** [images · 3] From the atom to the image, Å. */
  readonly displacement: Float64Array
  /** [images · B · H] Share of the atom's attention. */
  readonly weights: Float32Array
  /** [atoms · B · H · 9] Axes as rows; only of a CrystalFramer. Where ties are averaged, the first of the frames. */
  readonly frames?: Float32Array
}

/** One image of an atom. */
export interface AttendedImage {
  /** row of the arrays of `Attention` */
  readonly image: number
  /** the atom whose image this is */
  readonly site: number
  /** the cell that it lies in: n of p_site + n·L */
  readonly cell: readonly [number, number, number]
  /** Å */
  readonly displacement: readonly [number, number, number]
  /** Mean share over the blocks and heads that were asked for. */
  readonly weight: number
}

/** Which images, and over which blocks and heads their shares are averaged. */
export interface StrongestOptions {
  /** Images at most; all by default. */
  readonly count?: number
  /** Only this block, by its number; the mean over all by default. */
  readonly block?: number
  /** Only this head; the mean over all by default. */
  readonly head?: number
}

/** The images that an atom attends to most, strongest first. @throws ConfigError for an atom, block or head that is not there */
export function strongestImages(
  attention: Attention,
  atom: number,
  { count, block, head }: StrongestOptions = {},
): AttendedImage[] {
  const { atoms, blocks, heads, offsets, site, cell, displacement, weights } = attention
  const b = block === undefined ? -1 : blocks.indexOf(block)
  if (!(Number.isInteger(atom) && atom >= 0 && atom < atoms)) {
    throw new ConfigError(`atom ${atom} of ${atoms}: expected 0 to ${atoms - 1}`)
  }
  if (block !== undefined && b < 0) {
    throw new ConfigError(`block ${block} has no attention in real space, blocks ${blocks.join(', ')} have`)
  }
  if (head !== undefined && !(Number.isInteger(head) && head >= 0 && head < heads)) {
    throw new ConfigError(`head ${head} of ${heads}: expected 0 to ${heads - 1}`)
  }
  const chosen = [...Array(blocks.length * heads).keys()].filter(
    (n) => (b < 0 || Math.floor(n / heads) === b) && (head === undefined || n % heads === head),
  )
  const weightOf = (image: number) =>
    chosen.reduce((sum, n) => sum + weights[image * blocks.length * heads + n], 0) / chosen.length
  const triple = (of: Int32Array | Float64Array, image: number) =>
    [of[3 * image], of[3 * image + 1], of[3 * image + 2]] as const
  return Array.from({ length: offsets[atom + 1] - offsets[atom] }, (_, n) => offsets[atom] + n)
    .map((image) => ({
      image,
      site: site[image],
      cell: triple(cell, image),
      displacement: triple(displacement, image),
      weight: weightOf(image),
    }))
    .sort((p, q) => q.weight - p.weight)
    .slice(0, count)
}

/**
 * The attention of one crystal.
 * @param outputs names of the graph's outputs
 * @throws ConfigError when the graph does not give it; StructureError, ElementError, LimitError or DeviceError
 */
export async function attentionOf(
  card: Card,
  runtime: Runtime,
  outputs: readonly string[],
  input: Structure,
): Promise<Attention> {
  const structure = validated(input)
  requireOutput(card, 'attention')
  const blocks = attendingBlocks(outputs)
  const names = blocks.flatMap((l) => [attentionName(l), framesName(l)])
  const prepared = prepare({ ...card, geometry: ofAllAtoms(card.geometry) }, structure)
  const batch = packBatch([prepared])
  const given = await runtime.run(
    batch,
    names.filter((name) => outputs.includes(name)),
  )
  const images = prepared.images ?? neighbourTable(structure, card.geometry.images!)
  const cell = cellsOf(structure, images)
  const places = prepared.cell
    ? placesInCell(prepared.cell, images, cell)
    : imagePlaces(images, prepared.runs!, batch)
  return readAttention(blocks, given, images, cell, places)
}

function readAttention(
  blocks: readonly number[],
  outputs: Outputs,
  { atoms, offsets, neighbour: site, displacement }: NeighbourTable,
  cell: Int32Array,
  places: Int32Array,
): Attention {
  const weights = blocks.map((l) => outputs[attentionName(l)])
  const frames = blocks.map((l) => outputs[framesName(l)] as OutputTensor | undefined)
  const [, heads, flat] = weights[0].dims
  const count = blocks.length * heads
  const shares = new Float32Array(site.length * count)
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      if (places[image] < 0) continue
      const place = places[image] - i * flat
      for (let n = 0; n < count; n++) {
        const { data } = weights[Math.floor(n / heads)]
        shares[image * count + n] = data[(i * heads + (n % heads)) * flat + place]
      }
    }
  }
  return {
    atoms,
    blocks,
    heads,
    offsets,
    site,
    cell,
    displacement,
    weights: shares,
    ...(frames[0] && { frames: byAtom(frames as OutputTensor[], atoms, heads * 9) }),
  }
}

/** [atoms · B · size] of what each block gives as [atoms · size]. */
function byAtom(blocks: readonly OutputTensor[], atoms: number, size: number): Float32Array {
  const all = new Float32Array(atoms * blocks.length * size)
  blocks.forEach(({ data }, b) => {
    for (let i = 0; i < atoms; i++) {
      all.set(data.subarray(i * size, (i + 1) * size), (i * blocks.length + b) * size)
    }
  })
  return all
}

/** n of every image: its displacement in cells, less what the coordinates of the two atoms differ by. */
function cellsOf(
  { lattice, frac }: Structure,
  { atoms, offsets, neighbour, displacement }: NeighbourTable,
): Int32Array {
  const inCells = fractionalOf(lattice)
  const cells = new Int32Array(displacement.length)
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const r = displacement.subarray(3 * image, 3 * image + 3)
      inCells([r[0], r[1], r[2]]).forEach((f, m) => {
        cells[3 * image + m] = Math.round(f - (frac[neighbour[image]][m] - frac[i][m]))
      })
    }
  }
  return cells
}
