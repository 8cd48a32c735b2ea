// The layout `cells`: in front of a graph that makes the periodic images itself, what pads the cells of a batch to one size
// and makes the table of translations that reaches every image of any of them. A client sends atomic numbers, fractional
// coordinates and a lattice, and nothing else.

import { createFront, type Front, type FrontBuilder, type Tensor } from '../onnx/file/front.ts'
import { ATOMS_END } from './names.ts'
import { padded, rowsOf } from './padded.ts'

/** Images of a batch at most, B·N²·T: in the graph they take 256 bytes each, 4 GiB in all. */
const MAX_IMAGES = 2 ** 24
/** A rounding in float32 must not lose a shell of translations; one too many changes no number. */
const MARGIN = 1e-4
/** Of an element that the model does not know: no row, so that looking it up fails. */
const NO_ROW = 2 ** 31 - 1

/**
 * Inputs `numbers` int32 [A] and `frac` float32 [3·A] of all cells one after another, `lattice` float32 [B, 3, 3], rows in Å,
 * and `atoms_end` int32 [B], the atoms up to the end of each cell.
 * @param elements atomic numbers by row of the element table
 * @param radius Å
 */
export function cellsFront(opset: number, elements: readonly number[], radius: number): Front {
  const g = createFront(opset)
  const numbers = g.input('numbers', 'int32', ['atoms'])
  const frac = g.input('frac', 'float32', ['coordinates'])
  const lattice = g.input('lattice', 'float32', ['crystals', 3, 3])
  const { lengths } = rowsOf(g, g.input(ATOMS_END, 'int32', ['crystals']))

  const { width, real, of } = padded(g, lengths)
  const mask = g.cast(real, 'float32')
  const rows = g.op('Gather', [g.vector(rowByNumber(elements), 'int32'), numbers], { axis: 0 })
  const position = of(g.reshape(frac, [-1, 3]))
  const inCell = g.op('Sub', [position, g.op('Floor', [position])])
  return g.finish({
    species: g.op('Mul', [of(rows), g.cast(real, 'int32')]),
    frac: g.op('Mul', [inCell, g.unsqueeze(mask, 2)]),
    lattice,
    atom_mask: mask,
    translations: translationTable(g, refused(g, translationRange(g, lattice, radius), lengths, width)),
  })
}

/** Rows by atomic number, from 0 on. */
function rowByNumber(elements: readonly number[]): number[] {
  const rows: number[] = new Array(Math.max(...elements) + 1).fill(NO_ROW)
  for (const [row, number] of elements.entries()) rows[number] = row
  return rows
}

/**
 * R_m = ⌊radius/h_m + ½⌋ for the distances h_m = V/|l_{m+1} × l_{m+2}| between lattice planes, the largest of all cells:
 * float32 [3].
 */
function translationRange(g: FrontBuilder, lattice: Tensor, radius: number): Tensor {
  const turned = (x: Tensor, order: readonly number[], axis: number) =>
    g.op('Gather', [x, g.vector(order)], { axis })
  const [after, beyond] = [
    [1, 2, 0],
    [2, 0, 1],
  ]
  const [a, b] = [turned(lattice, after, 1), turned(lattice, beyond, 1)]
  const product = (x: readonly number[], y: readonly number[]) =>
    g.op('Mul', [turned(a, x, 2), turned(b, y, 2)])
  const normal = g.op('Sub', [product(after, beyond), product(beyond, after)])
  const volume = g.op('Abs', [g.sum(g.op('Mul', [lattice, normal]), 2)])
  const area = g.op('Sqrt', [g.sum(g.op('Mul', [normal, normal]), 2)])
  const planes = g.op('Div', [g.op('Mul', [area, g.scalar(radius, 'float32')]), volume])
  const range = g.op('Floor', [g.op('Add', [planes, g.scalar(0.5 + MARGIN, 'float32')])])
  return g.largest(range, 0)
}

/** The range as whole numbers. A batch with too many images, or a lattice without volume, fails in a node that says so. */
function refused(g: FrontBuilder, range: Tensor, lengths: Tensor, width: Tensor): Tensor {
  const one = g.scalar(1, 'float32')
  const along = g.op('Add', [g.op('Add', [range, range]), one])
  const translations = g.op('ReduceProd', [along], { keepdims: 0 })
  const cells = g.cast(g.op('Size', [lengths]), 'float32')
  const atoms = g.cast(width, 'float32')
  const images = g.op('Mul', [g.op('Mul', [cells, translations]), g.op('Mul', [atoms, atoms])])
  // Infinite or no number for a lattice without volume.
  const fits = g.op('LessOrEqual', [images, g.scalar(MAX_IMAGES, 'float32')])
  const outside = g.cast(g.op('Not', [fits]), 'int32')
  const none = g.op('Gather', [g.vector([0], 'int32'), outside], { axis: 0 }, 'too_many_images_or_no_volume')
  return g.op('Add', [g.cast(range, 'int32'), none])
}

/** Every n with |n_m| ≤ R_m, n3 fastest: float32 [T, 3]. */
function translationTable(g: FrontBuilder, range: Tensor): Tensor {
  const one = g.scalar(1, 'int32')
  const sizes = g.cast(g.op('Add', [g.op('Add', [range, range]), one]), 'int64')
  const axes = [0, 1, 2].map((m) => {
    const most = g.op('Gather', [range, g.scalar(m, 'int32')], { axis: 0 })
    const numbers = g.op('Range', [g.op('Neg', [most]), g.op('Add', [most, one]), one])
    const shape = [0, 1, 2].map((axis) => (axis === m ? -1 : 1))
    return g.unsqueeze(g.op('Expand', [g.reshape(g.cast(numbers, 'float32'), shape), sizes]), 3)
  })
  return g.reshape(g.op('Concat', axes, { axis: 3 }), [-1, 3])
}
