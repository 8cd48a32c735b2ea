// What the entry `crystal-onnx` is in Node (index.ts) and in a browser (browser.ts) alike, with the types of both. Of
// src/periodic it has the three functions that make the input tensors of a model; the rest of that folder serves them, and
// has no entry.

export type { Calibration } from '../exporters/crystal/calibrate.ts'
export type {
  CrystalExportOptions,
  CrystalExportReport,
  CrystalExportResult,
} from '../exporters/crystal/exported-file.ts'
export type { ExportOptions, ExportResult, InputSpec, TensorInfo } from '../exporters/onnx/options.ts'
export type { RecordedFunction } from '../exporters/onnx/recorder.ts'
export {
  type AtomBatch,
  defineNetwork,
  type HyperParameters,
  type NetworkDefinition,
} from '../models/define.ts'
export type { Neighbours } from '../models/neighbours.ts'
export type { Weights, WeightTensor } from '../models/safetensors.ts'
export type { Batching } from '../runtimes/batching-options.ts'
export type { Card } from '../runtimes/card.ts'
export type { LoadProgress, Model } from '../runtimes/model.ts'
export type { LoadOptions } from '../runtimes/node/load.ts'
export type { CallOptions, ManyOptions, Outcome, Prediction, PredictOptions } from '../runtimes/predict.ts'
export type { Device } from '../runtimes/runtime.ts'
export type { Format } from './crystal/formats/table.ts'
export { type ParsedStructure, type ReadOptions, readStructures } from './crystal/read.ts'
export type { Occupant, Site, Structure } from './crystal/structure.ts'
export type { LabelledCrystal } from './data/labelled.ts'
export * from './errors.ts'
export type { Mat3, Vec3 } from './math/vectors.ts'
export { packBatch } from './periodic/batch.ts'
export { neighbourTable } from './periodic/neighbours.ts'
export { type PreparedCrystal, prepareCrystal } from './periodic/prepare.ts'
export type { Batch, BatchTensor } from './periodic/tensors.ts'
export type { GeometrySpec, ImageSelection, NeighbourTable } from './periodic/types.ts'
export type { TrainingEvent } from './training/events.ts'
export type { TrainingOptionsInput } from './training/options.ts'
export type { TrainingResult, TrainingRun } from './training/training-run.ts'
