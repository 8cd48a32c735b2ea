// Operators that take, repeat or pad elements along each axis by itself: the place of every element of the result along
// an axis of the input says it all.

import { axesOf, type Call, fault, input, integer, type Operator, optional, text, wholes } from './call.ts'
import { count, describe, moved, strides, type Tensor } from './tensor.ts'

/** Where each element along one axis of the result comes from; −1 is padding. */
type Places = Int32Array

/** As many places as `length`, which is bounded before any of them is made. */
function places(length: number, place: (n: number) => number): Places {
  const made = new Int32Array(count([length]))
  for (let n = 0; n < length; n++) made[n] = place(n)
  return made
}

const whole = (size: number): Places => places(size, (n) => n)

/** One list of places an axis. @param padding what a place of −1 holds */
function picked(x: Tensor, along: readonly Places[], padding: number | bigint = 0): Tensor {
  const dims = along.map(({ length }) => length)
  const steps = strides(x.dims)
  return moved(x, dims, (to, from) => {
    let at = 0
    const visit = (axis: number, offset: number): void => {
      if (axis === along.length) {
        to[at++] = offset < 0 ? (padding as number) : from[offset]
        return
      }
      const [own, step] = [along[axis], steps[axis]]
      if (axis < along.length - 1 || offset < 0) {
        for (const place of own) visit(axis + 1, place < 0 || offset < 0 ? -1 : offset + place * step)
      } else {
        for (const place of own) to[at++] = place < 0 ? (padding as number) : from[offset + place]
      }
    }
    visit(0, 0)
  })
}

/** Both ways: an axis of size 1 on either side becomes that of the other. */
export const Expand: Operator = (call) => {
  const x = input(call, 0)
  const wanted = wholes(call, 1)
  const rank = Math.max(wanted.length, x.dims.length)
  const own = [...Array<number>(rank - x.dims.length).fill(1), ...x.dims]
  const sizes = [...Array<number>(rank - wanted.length).fill(1), ...wanted]
  const along = own.map((size, axis) => {
    if (sizes[axis] === 1 || sizes[axis] === size) return whole(size)
    if (size !== 1) throw fault(call, `${describe(x)} does not broadcast to [${wanted}]`)
    return places(sizes[axis], () => 0)
  })
  return picked({ ...x, dims: own }, along)
}

export const Tile: Operator = (call) => {
  const x = input(call, 0)
  const repeats = wholes(call, 1)
  if (repeats.length !== x.dims.length) throw fault(call, `repeats [${repeats}] of ${describe(x)}`)
  return picked(
    x,
    x.dims.map((size, axis) => places(size * repeats[axis], (n) => n % size)),
  )
}

/** Python's slices; bounds past an axis mean its edge. */
export const Slice: Operator = (call) => {
  const x = input(call, 0)
  const [starts, ends] = [wholes(call, 1), wholes(call, 2)]
  const axes = call.inputs[3] ? axesOf(call, wholes(call, 3), x.dims.length) : [...starts.keys()]
  const steps = call.inputs[4] ? wholes(call, 4) : starts.map(() => 1)
  if ([ends, axes, steps].some(({ length }) => length !== starts.length) || axes.length > x.dims.length) {
    throw fault(call, `starts [${starts}], ends [${ends}], axes [${axes}] and steps [${steps}] do not match`)
  }
  const along = x.dims.map(whole)
  for (const [i, axis] of axes.entries()) {
    const [size, step] = [x.dims[axis], steps[i]]
    if (step === 0) throw fault(call, 'step 0')
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
    const [from, to] = [starts[i], ends[i]].map((bound) =>
      Math.min(Math.max(bound < 0 ? bound + size : bound, low), high),
    )
    along[axis] = places(Math.max(0, Math.ceil((to - from) / step)), (n) => from + n * step)
  }
  return picked(x, along)
}

export const Split: Operator = (call) => {
  const x = input(call, 0)
  const [axis] = axesOf(call, [integer(call, 'axis', 0)], x.dims.length)
  const sizes = wholes(call, 1)
  const fits = sizes.every((size) => size >= 0) && sizes.reduce((a, b) => a + b, 0) === x.dims[axis]
  if (!fits) throw fault(call, `parts [${sizes}] of axis ${axis} of ${describe(x)}`)
  let start = 0
  return sizes.map((size) => {
    const from = start
    start += size
    return picked(
      x,
      x.dims.map(whole).with(
        axis,
        places(size, (n) => from + n),
      ),
    )
  })
}

/** By a constant, or by the elements mirrored in the edge, which is not repeated. */
export const Pad: Operator = (call) => {
  const x = input(call, 0)
  const mode = text(call, 'mode', ['constant', 'reflect'])
  const pads = wholes(call, 1)
  const value = optional(call, 2, x.type)
  const axes = call.inputs[3] ? axesOf(call, wholes(call, 3), x.dims.length) : [...x.dims.keys()]
  if (pads.length !== 2 * axes.length || !pads.every((pad) => pad >= 0)) {
    throw fault(call, `pads [${pads}] of axes ${axes}, expected two numbers from 0 up for each`)
  }
  const along = x.dims.map(whole)
  for (const [i, axis] of axes.entries()) {
    const [before, after, size] = [pads[i], pads[i + axes.length], x.dims[axis]]
    if (mode === 'reflect' && Math.max(before, after) >= size && before + after > 0) {
      throw fault(call, `reflects ${Math.max(before, after)} elements of an axis of ${size}`)
    }
    along[axis] = places(before + size + after, (n) => padded(n - before, size, mode))
  }
  return picked(x, along, value?.data[0] ?? (x.type === 'int64' ? 0n : 0))
}

function padded(n: number, size: number, mode: 'constant' | 'reflect'): number {
  if (n >= 0 && n < size) return n
  if (mode === 'constant') return -1
  return n < 0 ? -n : 2 * (size - 1) - n
}

/** Entries along one axis, by a tensor of indices; negative ones count from the end. */
export const Gather: Operator = (call) => {
  const [x, indices] = [input(call, 0), input(call, 1, 'int32', 'int64')]
  const [axis] = axesOf(call, [integer(call, 'axis', 0)], x.dims.length)
  const rows = indexed(call, indices, x.dims[axis])
  const taken = picked(x, x.dims.map(whole).with(axis, rows))
  return { ...taken, dims: x.dims.toSpliced(axis, 1, ...indices.dims) }
}

/** Element by element: along one axis the place that the indices say, along the others its own. */
export const GatherElements: Operator = (call) => {
  const [x, indices] = [input(call, 0), input(call, 1, 'int32', 'int64')]
  const [axis] = axesOf(call, [integer(call, 'axis', 0)], x.dims.length)
  const fits =
    indices.dims.length === x.dims.length && indices.dims.every((size, a) => a === axis || size <= x.dims[a])
  if (!fits) throw fault(call, `indices ${describe(indices)} into ${describe(x)}`)
  const rows = indexed(call, indices, x.dims[axis])
  const [own, steps] = [strides(indices.dims), strides(x.dims)]
  return moved(x, indices.dims, (to, from) => {
    for (let n = 0; n < to.length; n++) {
      let offset = rows[n] * steps[axis]
      for (let a = 0; a < own.length; a++) {
        if (a !== axis) offset += (Math.floor(n / own[a]) % indices.dims[a]) * steps[a]
      }
      to[n] = from[offset]
    }
  })
}

/** Indices counted from the front. @throws ModelFileError for one that is outside of the axis */
function indexed(call: Call, { data }: Tensor, size: number): Places {
  return places(data.length, (n) => {
    const index = Number(data[n])
    if (index >= -size && index < size) return index < 0 ? index + size : index
    throw fault(call, `index ${index} into an axis of ${size}`)
  })
}
