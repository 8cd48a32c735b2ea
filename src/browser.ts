// The public entry `crystal-onnx` where a bundler builds for browsers. It has the names of index.ts: `load` is that of
// `crystal-onnx/web`, and what needs files or onnxruntime of Node rejects and says what to do instead.

import { PlatformError } from './errors.ts'

export { exportCrystalModel } from '../exporters/crystal/in-node.ts'
export { load } from '../runtimes/web/load.ts'
export * from './everywhere.ts'

/** @throws PlatformError always: a page without TensorFlow.js could not be built, if its exporter were in this entry. */
export async function exportOnnx(): Promise<never> {
  throw new PlatformError(
    'exportOnnx needs TensorFlow.js, which few pages have; install it, and import exportOnnx from crystal-onnx/exporters',
  )
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
