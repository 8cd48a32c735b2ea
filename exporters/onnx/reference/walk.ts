// Walks along tensors that lie differently in memory, row by row: what broadcasting, transposing and reducing have in
// common. The loop over a row is the caller's, so that it can be a plain one.

import { count } from './tensor.ts'

/** A row of `length` steps: in the n-th array it starts at starts[n] and goes on by steps[n]. */
export type Row = (length: number, starts: readonly number[], steps: readonly number[]) => void

/**
 * Calls `row` for every row along the last axis of `dims`, in order, the first axis slowest.
 * @param layouts strides along the axes of `dims`, of each array; 0 repeats an axis
 */
export function walk(dims: readonly number[], layouts: readonly (readonly number[])[], row: Row): void {
  if (count(dims) === 0) return
  const { sizes, steps } = merged(dims, layouts)
  const last = sizes.length - 1
  const place = new Array<number>(last).fill(0)
  const starts = layouts.map(() => 0)
  const alongRow = steps.map((own) => own[last])
  for (;;) {
    row(sizes[last], starts, alongRow)
    let axis = last - 1
    for (; axis >= 0; axis--) {
      const wraps = ++place[axis] === sizes[axis]
      for (let n = 0; n < starts.length; n++) starts[n] += steps[n][axis] * (wraps ? 1 - sizes[axis] : 1)
      if (!wraps) break
      place[axis] = 0
    }
    if (axis < 0) return
  }
}

/** Axes that follow each other in every array as one, so that rows are as long as can be; at least one. */
function merged(dims: readonly number[], layouts: readonly (readonly number[])[]) {
  const sizes: number[] = []
  const steps: number[][] = layouts.map(() => [])
  for (const [axis, size] of dims.entries()) {
    if (size === 1) continue
    const before = sizes.length - 1
    const follows = layouts.every((layout, n) => steps[n][before] === layout[axis] * size)
    if (before >= 0 && follows) {
      sizes[before] *= size
      for (const [n, layout] of layouts.entries()) steps[n][before] = layout[axis]
    } else {
      sizes.push(size)
      for (const [n, layout] of layouts.entries()) steps[n].push(layout[axis])
    }
  }
  if (sizes.length > 0) return { sizes, steps }
  return { sizes: [1], steps: layouts.map(() => [0]) }
}
