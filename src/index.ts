// The public entry `crystal-onnx`: structures, periodic geometry and data, for Node. Models, exporters, runtimes and
// training have entries of their own, so that nobody loads tfjs or onnxruntime unasked.

export { readFileEntries, readStructureFile } from './crystal/file.ts'
export type { ReadOptions } from './crystal/index.ts'
export * from './crystal/index.ts'
export type { ReadOptions as DatasetReadOptions } from './data/index.ts'
export * from './data/index.ts'
export * from './errors.ts'
export * from './periodic/index.ts'
export { VERSION } from './version.ts'
