// Matrix products. ONNX multiplies matrices as they lie, so the transpose flags of tfjs become Transpose nodes, which
// fold into constants and which onnxruntime fuses into its product.

import { cast, swapLast } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { Value } from '../values.ts'
import { fusedTail } from './activation.ts'
import { type Call, flag, input, type Lowering } from './lowering.ts'

function product(g: Builder, call: Call): Value {
  const a = cast(g, input(call, 'a'), 'float32')
  const b = cast(g, input(call, 'b'), 'float32')
  return cast(
    g,
    g.op('MatMul', [
      flag(call, 'transposeA') ? swapLast(g, a) : a,
      flag(call, 'transposeB') ? swapLast(g, b) : b,
    ]),
    call.outputs[0].dtype,
  )
}

export const BatchMatMul: Lowering = (g, call) => product(g, call)

/** activation(a·b + bias) */
export const _FusedMatMul: Lowering = (g, call) => fusedTail(g, call, product(g, call))
