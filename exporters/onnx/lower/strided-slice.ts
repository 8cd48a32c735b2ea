// tf.stridedSlice: x[begin:end:stride] with TensorFlow's five bit masks.

import { ExportError } from '../../../src/errors.ts'
import { reshape } from '../build.ts'
import { TO_THE_END } from '../operators/shape.ts'
import { add, type Size } from '../sizes.ts'
import { input, type Lowering, number, numbers, sizes } from './lowering.ts'

/** What is taken from one axis of x. */
interface Range {
  readonly start: Size
  readonly end: Size
  readonly step: number
}

export const StridedSlice: Lowering = (g, call) => {
  const x = input(call, 'x')
  const [begin, end] = [sizes(call, 'begin'), sizes(call, 'end')]
  const steps = call.attrs.strides ? numbers(call, 'strides') : begin.map(() => 1)
  const bit = (mask: string, i: number) => ((number(call, mask, 0) >> i) & 1) === 1
  const taken = begin.filter((_, i) => !bit('ellipsisMask', i) && !bit('newAxisMask', i)).length
  const ranges: Range[] = []
  for (const [i, step] of steps.entries()) {
    if (bit('newAxisMask', i)) continue
    if (bit('ellipsisMask', i)) {
      while (ranges.length < x.shape.length - taken + taken_after(i))
        ranges.push({ start: 0, end: TO_THE_END, step: 1 })
      continue
    }
    ranges.push(range(x.shape[ranges.length], i, step))
  }
  function taken_after(i: number): number {
    return begin.slice(0, i).filter((_, j) => !bit('newAxisMask', j)).length
  }
  function range(size: Size, i: number, step: number): Range {
    const start = bit('beginMask', i) ? (step > 0 ? 0 : -1) : begin[i]
    if (bit('shrinkAxisMask', i)) return { start, end: start === -1 ? TO_THE_END : add(start, 1), step: 1 }
    const last = bit('endMask', i) ? (step > 0 ? TO_THE_END : -TO_THE_END) : end[i]
    return { start: within(start, size), end: within(last, size), step }
  }
  /** Bounds past the axis mean its edge; only those of a fixed axis can be told. */
  function within(bound: Size, size: Size): Size {
    if (typeof bound !== 'number' || typeof size !== 'number' || Math.abs(bound) === TO_THE_END) return bound
    return Math.max(-size - 1, Math.min(bound, size))
  }
  if (ranges.length === 0) throw new ExportError('StridedSlice takes nothing')
  const vector = (pick: (r: Range) => Size) => g.sizes(ranges.map(pick))
  const result = g.op('Slice', [
    x,
    vector((r) => r.start),
    vector((r) => r.end),
    g.sizes([...ranges.keys()]),
    vector((r) => r.step),
  ])
  return reshape(g, result, call.outputs[0].shape)
}
