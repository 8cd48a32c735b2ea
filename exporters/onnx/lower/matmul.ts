// Matrix products. ONNX multiplies matrices as they lie, so the transpose flags of tfjs become Transpose nodes, which
// fold into constants and which onnxruntime fuses into its product.

import { ExportError } from '../../../src/errors.ts'
import { cast, swapLast } from '../build.ts'
import type { Builder } from '../builder.ts'
import { formatShape, type Shape, sameShape } from '../sizes.ts'
import type { Value } from '../values.ts'
import { fusedTail } from './activation.ts'
import { type Call, flag, input, type Lowering } from './lowering.ts'

function product(g: Builder, call: Call): Value {
  const a = cast(g, input(call, 'a'), 'float32')
  const b = cast(g, input(call, 'b'), 'float32')
  const batch = call.outputs[0].shape.slice(0, -2)
  for (const operand of [a, b]) refuseInnerBroadcast(operand.shape.slice(0, -2), batch)
  const [left, right] = [
    flag(call, 'transposeA') ? swapLast(g, a) : a,
    flag(call, 'transposeB') ? swapLast(g, b) : b,
  ]
  return cast(g, g.op('MatMul', [left, right]), call.outputs[0].dtype)
}

/**
 * tfjs takes matrix n modulo the operand's count for product n. That is broadcasting only along leading axes: for
 * [A, 1] against [A, 2] it multiplies the wrong matrices, and a graph that is right would not be the trained model.
 */
function refuseInnerBroadcast(own: Shape, batch: Shape): void {
  const leading = own.findIndex((size) => size !== 1)
  if (leading < 0) return
  const kept = own.slice(leading)
  if (sameShape(kept, batch.slice(batch.length - kept.length))) return
  throw new ExportError(
    `tfjs multiplies the wrong matrices when it broadcasts ${formatShape(own)} to ${formatShape(batch)}: tile the ` +
      'operand to the full shape first',
  )
}

export const BatchMatMul: Lowering = (g, call) => product(g, call)

/** activation(a·b + bias) */
export const _FusedMatMul: Lowering = (g, call) => fusedTail(g, call, product(g, call))
