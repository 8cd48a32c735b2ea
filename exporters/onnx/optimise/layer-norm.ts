// Normalisation over the last axes, as it is written with tf.moments, is one operator: (x − mean)/√(variance + ε), and the scale
// and shift after it.

import type { Builder } from '../builder.ts'
import { constantData, type Node, producer, type Value } from '../values.ts'
import type { Rule } from './rule.ts'

export const layerNorm: Rule = (g, { node, inputs, onlyUse }) => {
  if (node.op === 'Div') return normalised(g, inputs[0]!, inputs[1]!)
  if (node.op !== 'Mul' && node.op !== 'Add') return undefined
  for (const [i, value] of inputs.entries()) {
    const before = producer(value!)
    const whole =
      node.op === 'Mul' && before?.op === 'Reciprocal'
        ? normalised(g, inputs[1 - i]!, before.inputs[0]!)
        : undefined
    if (whole) return whole
    if (before?.op !== 'LayerNormalization' || !onlyUse(i)) continue
    const [x, scale, shift] = before.inputs
    const own = alongLast(inputs[1 - i]!, scale!.shape as number[])
    // A shift that is there already would have to be scaled, too.
    if (!own || (node.op === 'Mul' && constantData(shift!)!.some((number) => number !== 0))) continue
    const [factor, term] = [constantData(scale!)!, constantData(shift!)!]
    const shape = scale!.shape as number[]
    const made =
      node.op === 'Mul'
        ? [
            x,
            g.constant(
              own.map((number, n) => number * factor[n]),
              shape,
            ),
            shift,
          ]
        : [
            x,
            scale,
            g.constant(
              own.map((number, n) => number + term[n]),
              shape,
            ),
          ]
    return g.op('LayerNormalization', made, before.attrs)
  }
  return undefined
}

/** d/√(mean(d²) + ε) for d = x − mean(x), all means over the last axes. */
function normalised(g: Builder, d: Value, root: Value): Value | undefined {
  const [difference, squareRoot] = [producer(d), producer(root)]
  if (difference?.op !== 'Sub' || squareRoot?.op !== 'Sqrt') return undefined
  const [x, mean] = difference.inputs
  const over = lastAxes(mean!, x!)
  const [variance, epsilon] = sumOf(producer(squareRoot.inputs[0]!))
  if (!over || !variance || epsilon === undefined) return undefined
  const square = producer(variance)?.inputs[0]
  const factors = square && producer(square)
  const squared = factors?.op === 'Mul' && factors.inputs[0] === d && factors.inputs[1] === d
  if (!square || !squared || lastAxes(variance, square)?.axis !== over.axis) return undefined
  const { axis, shape } = over
  const count = shape.reduce((product, size) => product * size, 1)
  const [ones, zeros] = [1, 0].map((number) => g.constant(new Float32Array(count).fill(number), shape))
  return g.op('LayerNormalization', [x, ones, zeros], { axis, epsilon })
}

/** Of a mean that keeps its axes, if those are the last ones, and their sizes are known. */
function lastAxes(mean: Value, x: Value): { axis: number; shape: number[] } | undefined {
  const node = producer(mean)
  if (node?.op !== 'ReduceMean' || node.inputs[0] !== x || !node.attrs.keepdims) return undefined
  const rank = x.shape.length
  const axes = (node.attrs.axes as number[]).map((axis) => (axis + rank) % rank).sort((a, b) => a - b)
  const axis = rank - axes.length
  const shape = x.shape.slice(axis)
  const last = axes.length > 0 && axes.every((own, i) => own === axis + i)
  return last && shape.every((size) => typeof size === 'number')
    ? { axis, shape: shape as number[] }
    : undefined
}

/** A sum with one number: what it is added to, and the number. */
function sumOf(node: Node | undefined): [Value?, number?] {
  if (node?.op !== 'Add') return []
  for (const [i, value] of node.inputs.entries()) {
    const data = constantData(value!)
    if (data?.length === 1 && value!.shape.length === 0) return [node.inputs[1 - i], data[0]]
  }
  return []
}

/** The numbers of a constant that broadcasts along the normalised axes, one for each place of them. */
function alongLast(value: Value, shape: readonly number[]): Float32Array | undefined {
  const data = constantData(value)
  const count = shape.reduce((product, size) => product * size, 1)
  if (!(data instanceof Float32Array)) return undefined
  if (data.length === 1 && value.shape.length <= shape.length) return new Float32Array(count).fill(data[0])
  const own = [...value.shape]
  while (own.length > shape.length && own[0] === 1) own.shift()
  return data.length === count && String(own) === String(shape) ? data : undefined
}
