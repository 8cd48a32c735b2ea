// Rows of several lengths, one after another in a flat tensor, as a rectangle: in a graph, where how long the longest row is
// follows from values.

import type { FrontBuilder, Tensor } from '../onnx/file/front.ts'

export interface Padded {
  /** int32 scalar: the longest row, at least 1 */
  readonly width: Tensor
  /** bool [rows, width]: what is no padding */
  readonly real: Tensor
  /** int32 [rows, width]: places in the flat tensor, 0 for padding */
  readonly place: Tensor
  /** int32 [width]: 0, 1, … */
  readonly column: Tensor
  /** elements of a flat tensor in their places, whatever stands first in padding */
  of(flat: Tensor): Tensor
}

/** @param lengths int32 [rows] */
export function padded(g: FrontBuilder, lengths: Tensor): Padded {
  const ends = g.op('CumSum', [lengths, g.scalar(0, 'int32')], { exclusive: 0, reverse: 0 })
  const starts = g.op('Sub', [ends, lengths])
  // Not 0, with which shapes would no longer go together.
  const width = g.op('Max', [g.largest(lengths), g.scalar(1, 'int32')])
  const column = g.range(width)
  const real = g.op('Less', [g.unsqueeze(column, 0), g.unsqueeze(lengths, 1)])
  const along = g.op('Add', [g.unsqueeze(starts, 1), g.unsqueeze(column, 0)])
  const place = g.op('Where', [real, along, g.scalar(0, 'int32')])
  return { width, real, place, column, of: (flat) => g.op('Gather', [flat, place], { axis: 0 }) }
}

/** How long the rows are that end at `ends`, int32 [rows], and where they start. */
export function rowsOf(g: FrontBuilder, ends: Tensor): { readonly starts: Tensor; readonly lengths: Tensor } {
  const before = g.op('Slice', [ends, g.vector([0]), g.vector([-1]), g.vector([0])])
  const starts = g.op('Concat', [g.vector([0], 'int32'), before], { axis: 0 })
  return { starts, lengths: g.op('Sub', [ends, starts]) }
}
