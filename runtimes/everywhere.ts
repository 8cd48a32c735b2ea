// What running a model is made of, in Node (index.ts) and in a browser (web/index.ts) alike.

export { type AttendedImage, type Attention, type StrongestOptions, strongestImages } from './attention.ts'
export type { Card, CardGeometry, CardPrecision, CardTarget, GoldenSample } from './card.ts'
export type { DeviceChoice } from './choose-device.ts'
export type { Embedding } from './embedding.ts'
export type { GraphValue, Initializer, OnnxMetadata } from './metadata.ts'
export type { LoadProgress, Model, ModelOptions } from './model.ts'
export { type ModelFile, readModelFile } from './model-file.ts'
export type { ManyOptions, Outcome, Prediction } from './predict.ts'
export type { Device } from './runtime.ts'
export { checkSeal } from './seal.ts'
