// Normalisation of images: by statistics of each channel, and by the channels beside each other.

import { ExportError } from '../../../src/errors.ts'
import { reshape } from '../build.ts'
import type { Builder } from '../builder.ts'
import { sameShape } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import { type Call, input, type Lowering, number } from './lowering.ts'

/** (x − mean)·scale/√(variance + ε) + offset, as x·s + t: s and t fold when the statistics are constants. */
export const FusedBatchNorm: Lowering = (g, call) => {
  if (!constantData(input(call, 'variance'))) return byOwnStatistics(g, call)
  const epsilon = g.scalar(number(call, 'varianceEpsilon', 0.001), 'float32')
  const deviation = g.op('Sqrt', [g.op('Add', [input(call, 'variance'), epsilon])])
  const scale = call.inputs.get('scale')
  const s = g.op('Div', [scale ?? g.scalar(1, 'float32'), deviation])
  const shift = g.op('Neg', [g.op('Mul', [input(call, 'mean'), s])])
  const offset = call.inputs.get('offset')
  const t = offset ? g.op('Add', [shift, offset]) : shift
  return g.op('Add', [g.op('Mul', [input(call, 'x'), s]), t])
}

/** The same as it is written, which may be LayerNormalization (optimise/layer-norm.ts): layers of that name come here. */
function byOwnStatistics(g: Builder, call: Call): Value {
  const [whole, mean, variance] = ['x', 'mean', 'variance'].map((name) => unexpanded(input(call, name)))
  // tfjs puts axes of size 1 before those of the images.
  const before = producer(whole)
  const inner = before?.op === 'Reshape' ? before.inputs[0]! : whole
  const ones = new Array<number>(Math.max(0, whole.shape.length - inner.shape.length)).fill(1)
  const x = sameShape([...ones, ...inner.shape], whole.shape) ? inner : whole
  const epsilon = g.scalar(number(call, 'varianceEpsilon', 0.001), 'float32')
  const deviation = g.op('Sqrt', [g.op('Add', [variance, epsilon])])
  const normal = g.op('Div', [g.op('Sub', [x, mean]), deviation])
  const [scale, offset] = ['scale', 'offset'].map((name) => call.inputs.get(name))
  const scaled = scale ? g.op('Mul', [normal, unexpanded(scale)]) : normal
  return reshape(g, offset ? g.op('Add', [scaled, unexpanded(offset)]) : scaled, whole.shape)
}

/** Broadcast by the arithmetic that follows. */
function unexpanded(value: Value): Value {
  const node = producer(value)
  return node?.op === 'Expand' && node.inputs[0]!.shape.length === value.shape.length
    ? node.inputs[0]!
    : value
}

/**
 * x·(bias + α·Σ x²)^−β, the sum over channels up to a radius away. The sum is a product with a band matrix: ONNX's LRN
 * wants channels first, and WebGPU lacks it.
 */
export const LRN: Lowering = (g, call) => {
  const x = input(call, 'x')
  const channels = x.shape[x.shape.length - 1]
  if (typeof channels !== 'number') throw new ExportError('LRN: the number of channels must be a number')
  const [radius, bias, alpha, beta] = ['depthRadius', 'bias', 'alpha', 'beta'].map((name) =>
    number(call, name),
  )
  const band = Float32Array.from({ length: channels * channels }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? alpha : 0,
  )
  const sum = g.op('MatMul', [g.op('Mul', [x, x]), g.constant(band, [channels, channels])])
  const power = [g.op('Add', [sum, g.scalar(bias, 'float32')]), g.scalar(-beta, 'float32')]
  return g.op('Mul', [x, g.op('Pow', power)])
}
