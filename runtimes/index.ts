// Running exported models: `load` and what it hands out, and reading a file's card and graph without running it.

export { CARD_FORMAT, CARD_KEY, type Card, parseCard, relativeError } from './card.ts'
export type { DeviceChoice } from './device.ts'
export { type LoadOptions, type LoadProgress, load, type Model } from './load.ts'
export { type GraphValue, type OnnxMetadata, readMetadata } from './metadata.ts'
export { type ModelFile, readModelFile } from './model-file.ts'
export type { ManyOptions, Outcome, Prediction } from './predict.ts'
export { DEVICES, type Device, type Runtime } from './runtime.ts'
export { readModel } from './source.ts'
