// Normalisation of images: by statistics of each channel, and by the channels beside each other.

import { ExportError } from '../../../src/errors.ts'
import { input, type Lowering, number } from './lowering.ts'

/** (x − mean)·scale/√(variance + ε) + offset, as x·s + t: s and t fold when the statistics are constants. */
export const FusedBatchNorm: Lowering = (g, call) => {
  const epsilon = g.scalar(number(call, 'varianceEpsilon', 0.001), 'float32')
  const deviation = g.op('Sqrt', [g.op('Add', [input(call, 'variance'), epsilon])])
  const scale = call.inputs.get('scale')
  const s = g.op('Div', [scale ?? g.scalar(1, 'float32'), deviation])
  const shift = g.op('Neg', [g.op('Mul', [input(call, 'mean'), s])])
  const offset = call.inputs.get('offset')
  const t = offset ? g.op('Add', [shift, offset]) : shift
  return g.op('Add', [g.op('Mul', [input(call, 'x'), s]), t])
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
