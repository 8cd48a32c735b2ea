// Activation functions of neural networks, also those fused into matrix products and convolutions.

import { ExportError } from '../../../src/errors.ts'
import { cast, clip } from '../build.ts'
import type { Builder } from '../builder.ts'
import { broadcast } from '../operators/operator.ts'
import { sameShape } from '../sizes.ts'
import type { Value } from '../values.ts'
import { type Call, input, type Lowering, number } from './lowering.ts'

const f32 = (g: Builder, value: number) => g.scalar(value, 'float32')
const floatInput = (g: Builder, call: Call) => cast(g, input(call, 'x'), 'float32')

const relu = (g: Builder, x: Value) =>
  x.dtype === 'float32' ? g.op('Relu', [x]) : g.op('Max', [x, g.scalar(0, x.dtype)])
const relu6 = (g: Builder, x: Value) => clip(g, x, 0, 6)
const elu = (g: Builder, x: Value) => g.op('Elu', [x], { alpha: 1 })

export const Relu: Lowering = (g, call) => relu(g, cast(g, input(call, 'x'), call.outputs[0].dtype))
export const Relu6: Lowering = (g, call) => relu6(g, cast(g, input(call, 'x'), call.outputs[0].dtype))
export const Elu: Lowering = (g, call) => elu(g, floatInput(g, call))
export const LeakyRelu: Lowering = (g, call) =>
  g.op('LeakyRelu', [floatInput(g, call)], { alpha: number(call, 'alpha') })

/** What the gradient of Elu, whose results are y, makes of that of the output: dy·(min(y, 0) + 1). */
export const EluGrad: Lowering = (g, call) => {
  const slope = g.op('Add', [g.op('Min', [input(call, 'y'), f32(g, 0)]), f32(g, 1)])
  return g.op('Mul', [input(call, 'dy'), slope])
}

/** scale·x for x ≥ 0, else scale·alpha·(e^x − 1). */
export const Selu: Lowering = (g, call) => {
  const scale = 1.0507009873554805
  const alpha = 1.6732632423543772
  return g.op('Mul', [g.op('Elu', [floatInput(g, call)], { alpha }), f32(g, scale)])
}

export const Softplus: Lowering = (g, call) => g.op('Softplus', [floatInput(g, call)])

export const Prelu: Lowering = (g, call) =>
  prelu(g, cast(g, input(call, 'x'), 'float32'), input(call, 'alpha'))

/** x where x ≥ 0, else alpha·x. */
function prelu(g: Builder, x: Value, alpha: Value): Value {
  const slope = cast(g, alpha, 'float32')
  if (sameShape(broadcast('PRelu', x.shape, slope.shape), x.shape)) return g.op('PRelu', [x, slope])
  return g.op('Where', [g.op('Less', [x, f32(g, 0)]), g.op('Mul', [x, slope]), x])
}

/** The bias and activation that a fused kernel ends with. */
export function fusedTail(g: Builder, call: Call, product: Value): Value {
  const bias = call.inputs.get('bias')
  const x = bias ? g.op('Add', [product, bias]) : product
  switch (call.attrs.activation) {
    case 'linear':
    case undefined:
    case null:
      return x
    case 'relu':
      return relu(g, x)
    case 'relu6':
      return relu6(g, x)
    case 'elu':
      return elu(g, x)
    case 'sigmoid':
      return g.op('Sigmoid', [x])
    case 'leakyrelu':
      return g.op('LeakyRelu', [x], { alpha: number(call, 'leakyreluAlpha', 0.2) })
    case 'prelu':
      return prelu(g, x, input(call, 'preluActivationWeights'))
    default:
      throw new ExportError(`${call.kernel}: activation ${call.attrs.activation} has no lowering`)
  }
}
