// The public entry `crystal-onnx/exporters` where a bundler builds for browsers. It has the names of index.ts: what takes
// functions and models of TensorFlow.js is the same; what runs onnxruntime or the keys of Node rejects and says so.

import { PlatformError } from '../src/errors.ts'

export { splitModel } from '../runtimes/apart.ts'
export { storedWeights } from '../runtimes/stored-weights.ts'
export { scope } from '../src/scope.ts'
export { calibrate } from './crystal/calibrate.ts'
export { composite } from './onnx/composite.ts'
export { exportOnnx } from './onnx/export.ts'
export { exportGraphModel } from './onnx/graph-model.ts'
export { exportLayersModel } from './onnx/layers.ts'
export { registerLowering } from './onnx/lower/registered.ts'
export { evaluateGraph } from './onnx/reference/evaluate.ts'
export { booleanMask, trueIndices } from './onnx/where.ts'

/** @throws PlatformError always: the finished file is checked with onnxruntime-node. */
export async function exportCrystalModel(): Promise<never> {
  throw new PlatformError(
    'exportCrystalModel checks its file with onnxruntime-node, which a page does not have; export in Node',
  )
}

/** @throws PlatformError always: it compares onnxruntime-node with other engines. */
export async function verifyModel(): Promise<never> {
  throw new PlatformError('verifyModel runs onnxruntime-node, which a page does not have; verify in Node')
}

/** @throws PlatformError always: keys are read by node:crypto. */
export async function signModel(): Promise<never> {
  throw new PlatformError('signModel uses node:crypto, which a page does not have; sign in Node')
}
