// The public entry `crystal-onnx/web`: running exported models in a browser, and reading a file's card without running it.

export { CARD_FORMAT, CARD_KEY, type Card, parseCard, relativeError } from '../card.ts'
export type { DeviceChoice } from '../choose-device.ts'
export { type GraphValue, type OnnxMetadata, readMetadata } from '../metadata.ts'
export type { LoadProgress, Model, ModelOptions } from '../model.ts'
export { type ModelFile, readModelFile } from '../model-file.ts'
export type { ManyOptions, Outcome, Prediction } from '../predict.ts'
export type { Device, Outputs, OutputTensor, Runtime } from '../runtime.ts'
export { WEB_DEVICES } from './devices.ts'
export { CACHE_NAME } from './download.ts'
export { type LoadOptions, load } from './load.ts'
export type { ModelSource } from './source.ts'
