// The parameters of a network under the names, shapes and order of the published state_dict, and what weights tell
// of their network. The values come from models/attention/initialise.ts, from training, or from a published checkpoint.

import { ConfigError, WeightsError } from '../../src/errors.ts'
import { ELEMENTS } from '../elements.ts'
import type { Weights } from '../safetensors.ts'
import { refuseContradiction } from '../weights.ts'
import {
  blockDomains,
  type CrystalframerConfig,
  type Domain,
  looksAlongDensities,
  type ModelConfig,
  type ModelConfigInput,
  modelConfig,
} from './config.ts'

/** Names of the projections of the angular encoding in a block, one for each axis of a frame. */
export const ANGULAR_PROJECTIONS = ['proj_angle1', 'proj_angle2', 'proj_angle3'] as const

/** The same where atoms look along densities of axes: of Legendre polynomials of degree 0 to L, one for each density. */
export const DENSITY_PROJECTIONS = ['proj_density1', 'proj_density2'] as const

/** Names of the projections of the encoding of directions in a block, and the functions that each is for. */
export function directionProjections(config: CrystalframerConfig): {
  names: readonly string[]
  functions: number
} {
  if (!looksAlongDensities(config))
    return { names: ANGULAR_PROJECTIONS, functions: config.value_pe_angle_real }
  return { names: DENSITY_PROJECTIONS.slice(0, config.density_axes), functions: config.density_degree + 1 }
}

/** Whether weights under such names are those of a network that looks at directions. */
export function knowsDirections(names: Iterable<string>): boolean {
  const first = [ANGULAR_PROJECTIONS[0], DENSITY_PROJECTIONS[0]]
  return [...names].some((name) => first.some((projection) => name.endsWith(`.${projection}`)))
}

/** Prefix of the names of block l. */
export function layerPrefix(l: number): string {
  return `encoder.layers.${l}.`
}

/** Name of the two standardisation constants of block l. */
export function gaussScaleName(l: number): string {
  return `${layerPrefix(l)}self_attn.gauss_scale`
}

/** Whether a block of this domain has a radial value encoding ψ. */
export function hasRadialEncoding(config: ModelConfig, domain: Domain): boolean {
  return config.value_pe_dist_real > 0 && (domain === 'real' || domain === 'multihead')
}

/** Names and shapes of every parameter, in the order of the published state_dict. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { model_dim: d, head_num: heads, ff_dim: hidden, value_pe_dist_real: radial } = config
  const shapes = new Map<string, readonly number[]>([['input_embeddings.weight', [d, ELEMENTS]]])
  for (const [l, domain] of blockDomains(config).entries()) {
    const layer = layerPrefix(l)
    shapes.set(`${layer}self_attn.gauss_scale`, [2])
    shapes.set(`${layer}self_attn.atten_scale`, [1])
    for (const name of ['q', 'k', 'v']) shapes.set(`${layer}self_attn.${name}_proj_weight`, [d, d])
    shapes.set(`${layer}self_attn.in_proj_bias`, [3 * d])
    shapes.set(`${layer}self_attn.lattice_pos_weights`, [d])
    if (hasRadialEncoding(config, domain)) {
      shapes.set(`${layer}self_attn.pe_dist_proj`, [1, heads, d / heads, radial])
    }
    if (config.architecture === 'crystalframer') {
      const { names, functions } = directionProjections(config)
      for (const name of names) shapes.set(`${layer}self_attn.${name}`, [1, heads, d / heads, functions])
    }
    shapes.set(`${layer}self_attn.out_proj.weight`, [d, d])
    shapes.set(`${layer}self_attn.out_proj.bias`, [d])
    shapes.set(`${layer}linear1.weight`, [hidden, d])
    shapes.set(`${layer}linear1.bias`, [hidden])
    shapes.set(`${layer}linear2.weight`, [d, hidden])
    shapes.set(`${layer}linear2.bias`, [d])
  }
  for (const { name, inputs, outputs } of headLayers(config)) {
    shapes.set(`${name}.weight`, [outputs, inputs])
    shapes.set(`${name}.bias`, [outputs])
  }
  return shapes
}

/**
 * The linear layers of the head. Published names count the normalisation and the activation between two of them too,
 * hence mlp.0, mlp.3, mlp.6.
 */
export function headLayers(config: ModelConfig): { name: string; inputs: number; outputs: number }[] {
  const sizes = [config.model_dim, ...config.embedding_dim, config.num_targets]
  return sizes.slice(1).map((outputs, n) => ({ name: `mlp.${3 * n}`, inputs: sizes[n], outputs }))
}

/** Whether training changes a parameter. The statistics gauss_scale and the unused atten_scale are constants. */
export function isTrainable(name: string): boolean {
  return !name.endsWith('.gauss_scale') && !name.endsWith('.atten_scale')
}

/**
 * Refuses weights whose Gaussian widths were never standardised: gauss_scale is filled by the first training step,
 * and until then the published code takes the statistics of whatever batch it is given.
 * @throws WeightsError naming the first such layer.
 */
export function checkTrained(weights: Weights, config: ModelConfig): void {
  for (let l = 0; l < config.num_layers; l++) {
    const name = gaussScaleName(l)
    const scale = weights.get(name)?.data[0]
    if (scale === undefined || !(scale > 0)) {
      throw new WeightsError(
        `${name}[0] is ${scale}, expected a positive number: the model was never trained; train it for a step first`,
      )
    }
  }
}

/**
 * The configuration that weights belong to: sizes from tensor shapes, everything else from `given` or the published
 * defaults.
 * @throws WeightsError when the weights are those of no such network; ConfigError when `given` contradicts them.
 */
export function inferConfig(weights: Weights, given: ModelConfigInput = {}): ModelConfig {
  const layers =
    1 +
    Math.max(-1, ...[...weights.keys()].map((n) => Number(/^encoder\.layers\.(\d+)\./.exec(n)?.[1] ?? -1)))
  const head = [...weights.keys()]
    .map((name) => /^mlp\.(\d+)\.weight$/.exec(name)?.[1])
    .filter((n) => n !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
    .map((n) => size(weights, `mlp.${n}.weight`, 0))
  const shapeOf = (part: string) =>
    [...weights].find(([name]) => name.endsWith(`.self_attn.${part}`))?.[1].shape
  const radial = shapeOf('pe_dist_proj')
  const angular = shapeOf(ANGULAR_PROJECTIONS[0])
  const [density, second] = DENSITY_PROJECTIONS.map(shapeOf)
  const found: ModelConfigInput = {
    architecture: angular ? 'crystalframer' : 'crystalformer',
    ...(angular ? { value_pe_angle_real: angular[3] } : {}),
    ...(density && densityConfig(density[3], second ? 2 : 1)),
    num_layers: layers,
    model_dim: size(weights, 'input_embeddings.weight', 0),
    ff_dim: size(weights, `${layerPrefix(0)}linear1.weight`, 0),
    embedding_dim: head.slice(0, -1),
    num_targets: head.at(-1),
    ...(radial ? { head_num: radial[1], value_pe_dist_real: radial[3] } : {}),
  }
  refuseContradiction(given, found)
  const config = modelConfig({ ...given, ...found })
  // without any ψ parameter, blocks that work in real space are those of the simplified model
  if (!radial && blockDomains(config).some((domain) => hasRadialEncoding(config, domain))) {
    if (given.value_pe_dist_real) {
      throw new ConfigError(
        `configuration says value_pe_dist_real ${given.value_pe_dist_real}, the weights have none`,
      )
    }
    return { ...config, value_pe_dist_real: 0 }
  }
  return config
}

function densityConfig(functions: number, axes: 1 | 2) {
  return {
    architecture: 'crystalframer' as const,
    frame_method: 'density' as const,
    density_degree: functions - 1,
    density_axes: axes,
  }
}

function size(weights: Weights, name: string, axis: number): number {
  const tensor = weights.get(name)
  if (tensor === undefined)
    throw new WeightsError(`weights hold no ${name}; expected those of a Crystalformer`)
  const found = tensor.shape[axis]
  if (found === undefined) throw new WeightsError(`${name} has shape [${tensor.shape}], expected two sizes`)
  return found
}
