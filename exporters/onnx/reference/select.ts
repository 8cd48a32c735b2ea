// Operators whose results are as long as values tell.

import { fault, input, integer, type Operator, optional, wholes } from './call.ts'
import { count, describe, moved, tensor } from './tensor.ts'

/** Pairs of boxes that are compared. */
const MOST_COMPARED = 2 ** 31

/** Batch, class and box of every box that does not overlap with a better one of its class, by falling score. */
export const NonMaxSuppression: Operator = (call) => {
  const [boxes, scores] = [input(call, 0, 'float64'), input(call, 1, 'float64')]
  const [batches, size, four] = boxes.dims
  const [scored, classes, along] = scores.dims
  if (
    boxes.dims.length !== 3 ||
    scores.dims.length !== 3 ||
    four !== 4 ||
    scored !== batches ||
    along !== size
  ) {
    throw fault(call, `scores ${describe(scores)} of boxes ${describe(boxes)}`)
  }
  const most = call.inputs[2] ? wholes(call, 2)[0] : 0
  const overlap = optional(call, 3, 'float64')?.data[0] ?? 0
  const least = optional(call, 4, 'float64')?.data[0] ?? Number.NEGATIVE_INFINITY
  const center = integer(call, 'center_point_box', 0) === 1
  if (batches * classes * size * Math.min(size, most) > MOST_COMPARED) {
    throw fault(call, `${describe(boxes)} are more boxes than the evaluator compares`)
  }
  const chosen: number[] = []
  for (let batch = 0; batch < batches; batch++) {
    const corners = Array.from({ length: size }, (_, n) =>
      cornersOf(boxes.data.subarray(4 * (batch * size + n), 4 * (batch * size + n + 1)), center),
    )
    for (let kind = 0; kind < classes; kind++) {
      const own = scores.data.subarray((batch * classes + kind) * size, (batch * classes + kind + 1) * size)
      const left = [...own.keys()].filter((n) => own[n] > least).sort((a, b) => own[b] - own[a] || a - b)
      const kept: number[] = []
      for (const n of left) {
        if (kept.length >= most) break
        if (kept.every((other) => share(corners[n], corners[other]) <= overlap)) kept.push(n)
      }
      chosen.push(...kept.flatMap((n) => [batch, kind, n]))
    }
  }
  return tensor('int64', [chosen.length / 3, 3], BigInt64Array.from(chosen, BigInt))
}

type Corners = readonly [number, number, number, number]

/** Smaller coordinates first. */
function cornersOf([a, b, c, d]: Float64Array, center: boolean): Corners {
  if (center) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2]
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]
}

/** What two boxes share, of what both cover. */
function share(a: Corners, b: Corners): number {
  const area = ([top, left, bottom, right]: Corners) => (bottom - top) * (right - left)
  if (area(a) <= 0 || area(b) <= 0) return 0
  const height = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]))
  const width = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]))
  return (height * width) / (area(a) + area(b) - height * width)
}

/** The places of what is not 0: a row for each axis, a column for each place, in row-major order. */
export const NonZero: Operator = (call) => {
  const { dims, data } = input(call, 0)
  const found: number[] = []
  for (let n = 0; n < data.length; n++) if (Number(data[n]) !== 0) found.push(n)
  const places = new BigInt64Array(count([dims.length, found.length]))
  for (const [i, n] of found.entries()) {
    let rest = n
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      places[axis * found.length + i] = BigInt(rest % dims[axis])
      rest = Math.floor(rest / dims[axis])
    }
  }
  return tensor('int64', [dims.length, found.length], places)
}

/** From a number on, before another, by a step. */
export const Range: Operator = (call) => {
  const start = input(call, 0, 'float64', 'int32')
  const [from, to, step] = [start, input(call, 1, start.type), input(call, 2, start.type)].map(({ data }) =>
    Number(data[0]),
  )
  if (step === 0) throw fault(call, 'step 0')
  return moved(start, [Math.max(0, Math.ceil((to - from) / step))], (range) => {
    for (let n = 0; n < range.length; n++) range[n] = from + n * step
  })
}
