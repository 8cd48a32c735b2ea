// The public entry `crystal-onnx` where a bundler builds for browsers. It has the names of index.ts: `load` is that of
// `crystal-onnx/web`, and what needs files or onnxruntime of Node rejects and says what to do instead.

import type { ExportOptions, ExportResult, InputSpec } from '../exporters/onnx/options.ts'
import type { RecordedFunction } from '../exporters/onnx/recorder.ts'
import { PlatformError } from './errors.ts'
import { needingPackages } from './missing-package.ts'

export { load } from '../runtimes/web/load.ts'
export * from './everywhere.ts'

/**
 * Exports a function of tensors to ONNX, as in Node. Bundlers put TensorFlow.js and the writer of the format into files that
 * are loaded by the first call.
 * @throws ExportError naming the kernel and the line of what cannot be exported; PlatformError without TensorFlow.js.
 */
export async function exportOnnx(
  fn: RecordedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  options?: ExportOptions,
): Promise<ExportResult> {
  const { exportOnnx } = await needingPackages(() => import('../exporters/onnx/export.ts'))
  return exportOnnx(fn, inputs, options)
}

/** @throws PlatformError always: pages have no paths. */
export async function readStructureFile(): Promise<never> {
  throw new PlatformError(
    'readStructureFile reads a path, which a page cannot; call readStructures(await file.text(), { file: file.name })',
  )
}

/** @throws PlatformError always: a run is a folder of files. */
export async function train(): Promise<never> {
  throw new PlatformError(
    'train writes a run folder, which a page cannot; train in Node, and load the exported file',
  )
}

/** @throws PlatformError always: the finished file is checked with onnxruntime-node. */
export async function exportCrystalModel(): Promise<never> {
  throw new PlatformError(
    'exportCrystalModel checks its file with onnxruntime-node, which a page does not have; export in Node',
  )
}
