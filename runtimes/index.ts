// The public entry `crystal-onnx/runtimes`: running exported models in Node, and reading a file's card and graph without
// running it.

export * from './everywhere.ts'
export { NODE_DEVICES, type NodeDevice } from './node/devices.ts'
export { type LoadOptions, load } from './node/load.ts'
export { readModel } from './node/source.ts'
