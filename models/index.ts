/**
 * Networks by name, their configurations, and their weights in safetensors files. Loads TensorFlow.js.
 *
 * @module crystal-onnx/models
 */

export type { CrystalformerConfig, CrystalframerConfig, ModelConfig } from './attention/config.ts'
export type { FusedRealAttention } from './attention/real-space.ts'
export { ELEMENT_TABLE } from './elements.ts'
export type { AskedGeometry, GeometryOptions, Mode } from './geometry.ts'
export {
  type ExtraOutput,
  type ForwardOptions,
  type Inputs,
  type Network,
  type NetworkConfig,
  type NetworkName,
  type Parameters,
  type PeriodicAttention,
  PRESETS,
  type Preset,
  type PresetName,
} from './network.ts'
export {
  configure,
  countParameters,
  inferConfig,
  networkNames,
  networkOf,
  registerNetwork,
} from './registry.ts'
export { readSafetensors, type Weights, type WeightTensor, writeSafetensors } from './safetensors.ts'
