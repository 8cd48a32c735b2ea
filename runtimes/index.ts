/**
 * Running exported models in Node, and reading a file's card and graph without running it. Loads neither TensorFlow.js
 * nor, before a model is opened, onnxruntime.
 *
 * @module crystal-onnx/runtimes
 */

export * from './everywhere.ts'
export { NODE_DEVICES, type NodeDevice } from './node/devices.ts'
export { type LoadOptions, load } from './node/load.ts'
