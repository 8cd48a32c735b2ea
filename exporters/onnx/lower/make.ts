// Kernels that make tensors of numbers only. They reach a graph where a size is among those numbers.

import { positions } from '../build.ts'
import { quantityValue } from '../quantities.ts'
import { add, type Size, subtract } from '../sizes.ts'
import type { Lowering } from './lowering.ts'

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
