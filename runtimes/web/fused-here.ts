// The fused engine in the current thread, a page's or a worker's, on WebAssembly. It knows nothing of onnxruntime: what
// the kernels do not give comes from beside it (fused.ts).

import { DeviceError } from '../../src/errors.ts'
import type { Evaluator, ModelContent } from '../evaluator.ts'
import { fusedEvaluator } from '../fused/evaluator.ts'
import { wasmMachine } from '../fused/wasm.ts'

/** @throws DeviceError for a network that the kernels do not compute, or where WebAssembly is too old */
export function fusedHere(model: ModelContent): Promise<Evaluator> {
  return fusedEvaluator(model, 'wasm', wasmMachine, async () => {
    throw new DeviceError('onnxruntime is not in the thread of the fused engine')
  })
}
