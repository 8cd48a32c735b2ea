// Networks and their weights. The public entry `crystal-onnx/models`.

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
} from './attention/config.ts'
export {
  crystalformer,
  type ForwardOptions,
  gaussStatistics,
  inputNames,
  type Parameters,
} from './attention/forward.ts'
export {
  DEFAULT_ERROR_BOUND,
  type GeometryOptions,
  geometryOf,
  imageRadius,
  MODES,
  type Mode,
} from './attention/geometry.ts'
export type { Heads } from './attention/heads.ts'
export { initialiseWeights } from './attention/initialise.ts'
export {
  checkTrained,
  checkWeights,
  ELEMENT_TABLE,
  ELEMENTS,
  inferConfig,
  isTrainable,
  parameterShapes,
} from './attention/parameters.ts'
export type { FusedRealAttention } from './attention/real-space.ts'
export { type ReferenceLayer, type ReferenceResult, referenceForward } from './reference/forward.ts'
export { readSafetensors, type Weights, type WeightTensor, writeSafetensors } from './safetensors.ts'
