/**
 * What most programs need: from a structure file to a prediction, and from crystals to a model file. More of each part is
 * in an entry of its own. What computes with TensorFlow.js is loaded when a function is called that needs it, so that a
 * program that only predicts never does. This is the entry in Node; bundlers for browsers take src/browser.ts.
 *
 * @module crystal-onnx
 */

import type { CrystalExportOptions, CrystalExportResult } from '../exporters/crystal/exported-file.ts'
import type { ExportOptions, ExportResult, InputSpec } from '../exporters/onnx/options.ts'
import type { RecordedFunction } from '../exporters/onnx/recorder.ts'
import { ownEntry } from './own-entries.ts'
import type { TrainingResult, TrainingRun } from './training/training-run.ts'

export { load } from '../runtimes/node/load.ts'
export { readStructureFile } from './crystal/file.ts'
export * from './everywhere.ts'

/**
 * Trains a network and leaves a run folder, as `train` of `crystal-onnx/training` does.
 * @throws TrainingError when the run cannot start, go on or be resumed; DatasetError for data that cannot be learned;
 *   ConfigError for hyper-parameters that no network has; PlatformError without TensorFlow.js.
 */
export async function train(run: TrainingRun): Promise<TrainingResult> {
  const { train } = await ownEntry('training')
  return train(run)
}

/**
 * Exports a trained network to a model file, as `exportCrystalModel` of `crystal-onnx/exporters` does, and evaluates its
 * golden samples with onnxruntime before handing it out.
 * @throws WeightsError for weights that do not fit or were never trained; ConfigError for targets or a geometry that
 *   cannot be; ExportError when the graph cannot be made or disagrees with the float64 reference; PlatformError without
 *   TensorFlow.js.
 */
export async function exportCrystalModel(options: CrystalExportOptions): Promise<CrystalExportResult> {
  const { exportCrystalModel } = await ownEntry('exporters')
  return exportCrystalModel(options)
}

/**
 * Exports a function of tensors to ONNX, as `exportOnnx` of `crystal-onnx/exporters` does. TensorFlow.js and the writer of
 * the format are loaded here, not with the entry.
 *
 * @param fn takes the tensors by name, returns one tensor, an array, or tensors by name.
 * @param inputs the name, type and shape of every input.
 * @throws ExportError naming the kernel and the line of what cannot be exported; PlatformError without TensorFlow.js.
 */
export async function exportOnnx(
  fn: RecordedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  options?: ExportOptions,
): Promise<ExportResult> {
  const { exportOnnx } = await ownEntry('exporters')
  return exportOnnx(fn, inputs, options)
}
