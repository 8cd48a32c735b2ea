// What the attention of a crystal is: how much every atom attends to every periodic image around it, and which images
// it attends to most. attention-of.ts computes it.

import { ConfigError } from '../src/errors.ts'

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
