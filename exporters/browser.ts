// The public entry `crystal-onnx/exporters` where a bundler builds for browsers. It has the names of index.ts: what takes
// functions and models of TensorFlow.js is the same; what runs onnxruntime or the keys of Node rejects and says so.

export { splitModel } from '../runtimes/apart.ts'
export { storedWeights } from '../runtimes/stored-weights.ts'
export { scope } from '../src/scope.ts'
export { calibrate } from './crystal/calibrate.ts'
export * from './crystal/in-node.ts'
export { composite } from './onnx/composite.ts'
export { exportOnnx } from './onnx/export.ts'
export { exportGraphModel } from './onnx/graph-model.ts'
export { exportLayersModel } from './onnx/layers.ts'
export { registerLowering } from './onnx/lower/registered.ts'
export { evaluateGraph } from './onnx/reference/evaluate.ts'
export { booleanMask, trueIndices } from './onnx/where.ts'
