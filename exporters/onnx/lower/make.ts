// Kernels that make tensors of numbers, most of them of numbers only: those reach a graph where a size is among them.

import { cast, expand, positions, reshape } from '../build.ts'
import { quantityValue } from '../quantities.ts'
import { add, type Size, subtract, volume } from '../sizes.ts'
import { input, type Lowering } from './lowering.ts'

/** start + k·(stop − start)/(num − 1) */
export const LinSpace: Lowering = (g, call) => {
  const [start, stop] = [call.attrs.start, call.attrs.stop] as Size[]
  const { shape } = call.outputs[0]
  const whole = quantityValue(g, subtract(stop, start), 'float32')
  // One number is start itself.
  const parts = g.op('Max', [quantityValue(g, add(shape[0], -1), 'float32'), g.scalar(1, 'float32')])
  const step = g.op('Div', [whole, parts])
  return g.op('Add', [g.op('Mul', [positions(g, shape, 0), step]), quantityValue(g, start, 'float32')])
}

/** start, start + step, … */
export const Range: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  const [start, step] = [call.attrs.start, call.attrs.step ?? 1] as Size[]
  const steps = g.op('Mul', [positions(g, shape, 0), quantityValue(g, step, 'float32')])
  return cast(g, g.op('Add', [steps, quantityValue(g, start, 'float32')]), dtype)
}

export const Fill: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  return expand(g, quantityValue(g, call.attrs.value as Size, dtype), shape)
}

/** A matrix with x on its diagonal; a tensor of higher rank is taken row by row. */
export const Diag: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), call.outputs[0].dtype)
  const count = volume(x.shape)
  const [rows, columns] = [positions(g, [count, 1], 0), positions(g, [1, count], 1)]
  const diagonal = g.op('Where', [
    g.op('Equal', [rows, columns]),
    reshape(g, x, [count]),
    g.scalar(0, x.dtype),
  ])
  return reshape(g, diagonal, call.outputs[0].shape)
}
