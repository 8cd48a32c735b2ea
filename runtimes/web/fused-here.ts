// The fused engine in the current thread, a page's or a worker's, on WebAssembly.

import type { Evaluator, ModelContent } from '../evaluator.ts'
import { fusedEvaluator, loadForwards } from '../fused/evaluator.ts'
import { compiledKernels, wasmMachine } from '../fused/wasm.ts'

/**
 * @param openGraph the model on onnxruntime
 * @param kernels compiled already
 * @throws DeviceError for a network that the kernels do not compute, or where WebAssembly is too old
 */
export function fusedHere(
  model: ModelContent,
  openGraph: () => Promise<Evaluator>,
  kernels?: WebAssembly.Module,
): Promise<Evaluator> {
  return fusedEvaluator(model, 'wasm', () => wasmMachine(kernels), openGraph)
}

/** Begins with what does not wait for the model. What fails of it is said when there is one. */
export function fusedAhead(): void {
  for (const begun of [compiledKernels(), loadForwards()]) begun.catch(() => {})
}
