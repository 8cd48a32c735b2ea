/**
 * Running exported models in a browser, and reading a file's card without running it.
 *
 * @module crystal-onnx/web
 */

export * from '../everywhere.ts'
export { WEB_DEVICES, type WebDevice } from './devices.ts'
export { CACHE_NAME } from './download.ts'
export { type LoadOptions, load } from './load.ts'
