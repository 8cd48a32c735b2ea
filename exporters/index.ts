// Exporting to ONNX: any tfjs function or layers model, and crystal models with their card. The public entry
// `crystal-onnx/exporters`.

export { EXTRA_OUTPUTS, type ExtraOutput } from '../models/network.ts'
export { type Calibration, calibrate } from './crystal/calibrate.ts'
export type { VerifyRow, VerifySummary } from './crystal/checks.ts'
export {
  type CrystalExportOptions,
  type CrystalExportReport,
  type CrystalExportResult,
  exportCrystalModel,
} from './crystal/export.ts'
export { writeModel } from './crystal/file.ts'
export type { Target } from './crystal/fold.ts'
export { LIMITS, type Precision } from './crystal/precision.ts'
export { type Verification, type VerifyOptions, verifyModel } from './crystal/verify.ts'
export { storedWeights } from './crystal/weights.ts'
export * from './onnx/index.ts'
