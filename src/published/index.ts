// The published PyTorch checkpoints: reading them into the toolkit's weights and configuration, and writing them.

export { type Evaluated, type ModeDifference, modeDifference } from './difference.ts'
export type { HyperParameters } from './hyper-parameters.ts'
export { type PublishedModel, type PublishedOptions, readPublished } from './read.ts'
export type { WeightSet } from './state-dict.ts'
export { MAX_TEXT, parseHyperParameters } from './text.ts'
export { writePublished } from './write.ts'
