// Networks and their weights. The public entry `crystal-onnx/models`.

export {
  blockDomains,
  type CrystalframerConfig,
  DOMAINS,
  type Domain,
  largestSigma,
  type ModelConfig,
  type ModelConfigInput,
  modelConfig,
} from './attention/config.ts'
export type { Heads } from './attention/heads.ts'
export type { FusedRealAttention } from './attention/real-space.ts'
export { FRAME_METHODS, type FrameMethod } from './crystalframer/name.ts'
export { type AtomBatch, defineNetwork, type HyperParameters, type NetworkDefinition } from './define.ts'
export { ELEMENT_TABLE, ELEMENTS } from './elements.ts'
export {
  type AskedGeometry,
  DEFAULT_ERROR_BOUND,
  type GeometryOptions,
  imageRadius,
  MODES,
  type Mode,
} from './geometry.ts'
export { linear } from './layers/linear.ts'
export type { Neighbours } from './neighbours.ts'
export {
  EXTRA_OUTPUTS,
  type ExtraOutput,
  type ForwardOptions,
  type Inputs,
  type Network,
  type NetworkConfig,
  type Parameters,
  type PeriodicAttention,
  PRESETS,
  type Preset,
  type PresetName,
} from './network.ts'
export type { NetworkName } from './network-name.ts'
export { type ReferenceLayer, type ReferenceResult, referenceForward } from './reference/forward.ts'
export {
  checkTrained,
  checkWeights,
  configure,
  countParameters,
  inferConfig,
  networkNames,
  networkOf,
  registerNetwork,
} from './registry.ts'
export { readSafetensors, type Weights, type WeightTensor, writeSafetensors } from './safetensors.ts'
