// The ONNX exporter: any tfjs function or layers model to an .onnx file. Knows nothing of crystals.

export { scope } from '../../src/scope.ts'
export { type CompositeKernel, composite } from './composite.ts'
export { exportOnnx } from './export.ts'
export { exportLayersModel, type LayersExportOptions } from './layers.ts'
export type { ExportOptions, ExportResult, InputSpec, TensorInfo } from './options.ts'
export type { Packing } from './pack.ts'
export { evaluateGraph } from './reference/evaluate.ts'
export type { GraphInput } from './reference/inputs.ts'
export type { ElementType, Tensor } from './reference/tensor.ts'
