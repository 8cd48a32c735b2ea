// Networks and their weights. The public entry `crystal-onnx/models`.

export type { FusedRealAttention } from './attention-real.ts'
export {
  ARCHITECTURES,
  type Architecture,
  asPublished,
  blockDomains,
  type CrystalframerConfig,
  DOMAINS,
  type Domain,
  FRAME_METHODS,
  type FrameMethod,
  largestSigma,
  type ModelConfig,
  type ModelConfigInput,
  modelConfig,
} from './config.ts'
export {
  crystalformer,
  type ForwardOptions,
  gaussStatistics,
  inputNames,
  type Parameters,
} from './crystalformer.ts'
export {
  DEFAULT_ERROR_BOUND,
  type GeometryOptions,
  geometryOf,
  imageRadius,
  MODES,
  type Mode,
} from './geometry.ts'
export type { Heads } from './heads.ts'
export { initialiseWeights } from './initialise.ts'
export {
  checkTrained,
  checkWeights,
  ELEMENT_TABLE,
  ELEMENTS,
  inferConfig,
  isTrainable,
  parameterShapes,
} from './parameters.ts'
export { type ReferenceLayer, type ReferenceResult, referenceForward } from './reference.ts'
export { readSafetensors, type Weights, type WeightTensor, writeSafetensors } from './safetensors.ts'
