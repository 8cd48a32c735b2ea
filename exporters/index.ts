/**
 * Any tfjs function or layers model to ONNX, crystal models with their card, and what checks exported files. Loads
 * TensorFlow.js.
 *
 * @module crystal-onnx/exporters
 */

export type { ExtraOutput } from '../models/network.ts'
export { type ModelApart, splitModel } from '../runtimes/apart.ts'
export { storedWeights } from '../runtimes/stored-weights.ts'
export type { Packing } from '../src/math/fewer-bits.ts'
export { scope } from '../src/scope.ts'
export { type CalibrateOptions, type Calibration, calibrate } from './crystal/calibrate.ts'
export type { VerifyRow, VerifySummary } from './crystal/checks.ts'
export type { DomainData, LabelledSample } from './crystal/domain.ts'
export { exportCrystalModel } from './crystal/export.ts'
export type {
  CrystalExportOptions,
  CrystalExportReport,
  CrystalExportResult,
} from './crystal/exported-file.ts'
export type { Target } from './crystal/fold.ts'
export type { Precision } from './crystal/precision.ts'
export { signModel } from './crystal/sign.ts'
export { type PassedOver, type Verification, type VerifyOptions, verifyModel } from './crystal/verify.ts'
export type { Builder, ForeignOperator } from './onnx/builder.ts'
export { type CompositeKernel, composite } from './onnx/composite.ts'
export { exportOnnx } from './onnx/export.ts'
export { exportGraphModel, type GraphExportOptions, type GraphModelLike } from './onnx/graph-model.ts'
export { exportLayersModel, type LayersExportOptions, type LayersModelGraph } from './onnx/layers.ts'
export type { Call, Lowering } from './onnx/lower/lowering.ts'
export { registerLowering } from './onnx/lower/registered.ts'
export type {
  ExportOptions,
  ExportResult,
  ExternalData,
  ExternalDataOptions,
  InputSpec,
  TensorInfo,
  Verified,
} from './onnx/options.ts'
export type { RecordedFunction } from './onnx/recorder.ts'
export { evaluateGraph } from './onnx/reference/evaluate.ts'
export type { GraphInput } from './onnx/reference/inputs.ts'
export type { ElementType, Tensor } from './onnx/reference/tensor.ts'
export { booleanMask, trueIndices } from './onnx/where.ts'
