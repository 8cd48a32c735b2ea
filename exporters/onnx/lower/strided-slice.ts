// tf.stridedSlice: x[begin:end:stride] with TensorFlow's five bit masks. First the range, then the steps: WebGPU takes
// the wrong elements when one Slice does both backwards.

import { reshape, slice, stepped } from '../build.ts'
import { add, type Shape, type Size } from '../sizes.ts'
import { type Call, input, type Lowering, number, numbers, sizes } from './lowering.ts'

/** What is taken from one axis: elements low to high − 1, every step-th of them, from the end where step < 0. */
interface Range {
  readonly low: Size
  readonly high: Size
  readonly step: number
}

export const StridedSlice: Lowering = (g, call) => {
  const x = input(call, 'x')
  const ranges = rangesOf(call, x.shape)
  const range = slice(
    g,
    x,
    ranges.map(({ low }) => low),
    ranges.map(({ high }) => high),
  )
  const taken = stepped(
    g,
    range,
    ranges.map(({ step }) => step),
  )
  return reshape(g, taken, call.outputs[0].shape)
}

/** One range for each axis of x. A new axis takes none; an ellipsis, and what is not named, takes whole axes. */
function rangesOf(call: Call, shape: Shape): Range[] {
  const [begin, end] = [sizes(call, 'begin'), sizes(call, 'end')]
  const steps = call.attrs.strides ? numbers(call, 'strides') : begin.map(() => 1)
  const bit = (mask: string, i: number) => ((number(call, mask, 0) >> i) & 1) === 1
  const named = steps.filter((_, i) => !bit('ellipsisMask', i) && !bit('newAxisMask', i)).length
  const ranges: Range[] = []
  const takeWhole = (count: number) => {
    for (let n = 0; n < count; n++) ranges.push({ low: 0, high: shape[ranges.length], step: 1 })
  }
  for (const [i, step] of steps.entries()) {
    if (bit('ellipsisMask', i)) {
      takeWhole(shape.length - named)
      continue
    }
    if (bit('newAxisMask', i)) continue
    const size = shape[ranges.length]
    const first = fromStart(begin[i], size)
    const last = fromStart(end[i], size)
    if (bit('shrinkAxisMask', i)) {
      ranges.push({ low: first, high: add(first, 1), step: 1 })
      continue
    }
    const [low, high] =
      step > 0
        ? [bit('beginMask', i) ? 0 : first, bit('endMask', i) ? size : last]
        : [bit('endMask', i) ? 0 : add(last, 1), bit('beginMask', i) ? size : add(first, 1)]
    ranges.push(within({ low, high, step }, size))
  }
  takeWhole(shape.length - ranges.length)
  return ranges
}

/** Negative bounds count from the end. */
const fromStart = (bound: Size, size: Size): Size =>
  typeof bound === 'number' && bound < 0 ? add(size, bound) : bound

/** Bounds past a fixed axis mean its edge. */
function within({ low, high, step }: Range, size: Size): Range {
  if (typeof low !== 'number' || typeof high !== 'number' || typeof size !== 'number')
    return { low, high, step }
  const clamp = (bound: number) => Math.min(Math.max(bound, 0), size)
  return { low: clamp(low), high: Math.max(clamp(low), clamp(high)), step }
}
