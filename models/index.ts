/**
 * Networks by name, their configurations, and their weights in safetensors files. Loads TensorFlow.js.
 *
 * @module crystal-onnx/models
 */

export type { CrystalformerConfig, CrystalframerConfig, ModelConfig } from './attention/config.ts'
export type { FusedRealAttention } from './attention/real-space.ts'
export { type AtomBatch, defineNetwork, type HyperParameters, type NetworkDefinition } from './define.ts'
export { ELEMENT_TABLE, ELEMENTS } from './elements.ts'
export type { GeometryOptions, Mode, RequiredGeometry } from './geometry.ts'
export { joinMembers, type Member } from './join-members.ts'
export { linear } from './layers/linear.ts'
export type { Neighbours } from './neighbours.ts'
export {
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
export {
  configure,
  countParameters,
  inferConfig,
  networkNames,
  networkOf,
  registerNetwork,
} from './registry.ts'
export { readSafetensors, type Weights, type WeightTensor, writeSafetensors } from './safetensors.ts'
