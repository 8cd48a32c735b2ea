// What is chosen by values: boxes that do not overlap with better ones. How many there are is a size of its own, which the
// recording named.

import { cast, reshape } from '../build.ts'
import type { Builder } from '../builder.ts'
import { minimum, type Size, subtract, symbol } from '../sizes.ts'
import type { Value } from '../values.ts'
import { type Call, flag, input, type Lowering, number, size, text } from './lowering.ts'

/** The symbol of how many there are. */
const counted = (call: Call): Size => symbol(text(call, 'counted'))

export const NonMaxSuppressionV3: Lowering = (g, call) => selected(g, call)

/** With zeros up to the most that there may be, and how many are no zeros of that kind. */
export const NonMaxSuppressionV4: Lowering = (g, call) => {
  const indices = selected(g, call)
  const count = counted(call)
  const valid = reshape(g, cast(g, g.sizes([count]), 'int32'), [])
  if (!flag(call, 'padToMaxOutputSize')) return [indices, valid]
  const missing = subtract(most(call), count)
  return [g.op('Pad', [indices, g.sizes([0, missing])], { mode: 'constant' }), valid]
}

/** With softNmsSigma it is recorded as a loop. */
export const NonMaxSuppressionV5: Lowering = (g, call) => {
  const indices = selected(g, call)
  return [indices, g.op('Gather', [input(call, 'scores'), indices], { axis: 0 })]
}

/** The indices of the boxes, by falling score. */
function selected(g: Builder, call: Call): Value {
  const [boxes, scores] = [input(call, 'boxes'), input(call, 'scores')]
  const overlap = number(call, 'iouThreshold')
  const least = number(call, 'scoreThreshold')
  const single = (x: number) => g.constant(Float32Array.of(x), [1])
  const inputs = [
    reshape(g, boxes, [1, ...boxes.shape]),
    reshape(g, scores, [1, 1, ...scores.shape]),
    g.sizes([overlap === 0 ? minimum(most(call), 1) : most(call)]),
    // tfjs drops a box from the threshold on, ONNX beyond it. At 0 that is every box after the first.
    single(overlap === 0 ? 0 : below(overlap)),
    ...(least === Number.NEGATIVE_INFINITY ? [] : [single(notAbove(least))]),
  ]
  const triples = g.counted('NonMaxSuppression', inputs, {}, { dtype: 'int64', shape: [counted(call), 3] })
  // Each is a batch, a class and a box.
  return g.op('Gather', [cast(g, triples, 'int32'), g.scalar(2, 'int32')], { axis: 1 })
}

const most = (call: Call): Size => size(call, 'maxOutputSize')

/** The largest number of float32 that is less than a positive one. */
function below(x: number): number {
  const nearest = Math.fround(x)
  return nearest < x ? nearest : previous(nearest)
}

/** The largest number of float32 that is not more. */
function notAbove(x: number): number {
  const nearest = Math.fround(x)
  return nearest <= x ? nearest : previous(nearest)
}

/** The neighbour of a number of float32 on the side of −∞. */
function previous(x: number): number {
  const bits = new DataView(new ArrayBuffer(4))
  if (x === 0) return -(2 ** -149)
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x > 0 ? -1 : 1))
  return bits.getFloat32(0)
}
