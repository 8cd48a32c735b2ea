// The network once more, in float64 with plain loops: the truth that exported files are checked against and that their
// golden samples come from. One crystal at a time, no tfjs, no neighbour tables. Slow on purpose.

import type { Structure } from '../src/crystal/structure.ts'
import { ElementError } from '../src/errors.ts'
import { blockDomains, type Domain, type ModelConfig, radialRange, scaleReal, scaleReci } from './config.ts'
import type { Mode } from './geometry.ts'
import {
  checkTrained,
  checkWeights,
  ELEMENTS,
  hasRadialEncoding,
  headLayers,
  layerPrefix,
} from './parameters.ts'
import { boxOf, type RadialGaussians, realSum, reciprocalSum } from './reference-sums.ts'
import type { Weights } from './safetensors.ts'

/** Intermediate values of one block; N atoms, H heads, row-major. */
export interface ReferenceLayer {
  /** α_ij^h, [N, N, H] */
  readonly alpha: Float64Array
  /** β_ij^h, [N, N, H, dk]; undefined where the block has no ψ */
  readonly beta: Float64Array | undefined
  /** heads side by side, before the output projection, [N, d] */
  readonly attnOut: Float64Array
  /** output of the block, [N, d] */
  readonly out: Float64Array
}

export interface ReferenceResult {
  /** [num_targets], standardised as the network's output is */
  readonly value: Float64Array
  /** [N, d] */
  readonly encoderOut: Float64Array
  readonly layers: readonly ReferenceLayer[]
}

/**
 * Output of the network for one crystal, in float64 from float32 weights.
 * @throws WeightsError for weights that do not fit or were never trained; ElementError above Z = 98.
 */
export function referenceForward(
  weights: Weights,
  config: ModelConfig,
  structure: Structure,
  mode: Mode,
): ReferenceResult {
  checkWeights(weights, config)
  checkTrained(weights, config)
  let x = embed(weights, config, structure)
  const layers = blockDomains(config).map((domain, l) => {
    const layer = block(x, { weights, config, structure, mode, l, domain })
    x = layer.out
    return layer
  })
  return { value: head(weights, config, x), encoderOut: x, layers }
}

interface Block {
  readonly weights: Weights
  readonly config: ModelConfig
  readonly structure: Structure
  readonly mode: Mode
  readonly l: number
  readonly domain: Domain
}

function embed(weights: Weights, config: ModelConfig, { species }: Structure): Float64Array {
  const d = config.model_dim
  const table = weights.get('input_embeddings.weight')!.data
  const x = new Float64Array(species.length * d)
  species.forEach((site, i) => {
    for (const { element, occupancy } of site) {
      if (element > ELEMENTS) {
        throw new ElementError(`site ${i + 1}: atomic number ${element}, the network knows 1 to ${ELEMENTS}`)
      }
      for (let c = 0; c < d; c++) x[i * d + c] += occupancy * table[c * ELEMENTS + element - 1]
    }
  })
  return x
}

function block(x: Float64Array, context: Block): ReferenceLayer {
  const { weights, l } = context
  const tensor = (name: string) => weights.get(layerPrefix(l) + name)!.data
  const { alpha, beta, attnOut } = attention(x, context, tensor)
  const attended = sum(
    x,
    linear(attnOut, tensor('self_attn.out_proj.weight'), tensor('self_attn.out_proj.bias')),
  )
  const hidden = linear(attended, tensor('linear1.weight'), tensor('linear1.bias')).map(relu)
  return {
    alpha,
    beta,
    attnOut,
    out: sum(attended, linear(hidden, tensor('linear2.weight'), tensor('linear2.bias'))),
  }
}

function attention(x: Float64Array, context: Block, tensor: (name: string) => Float32Array) {
  const { config, domain, structure } = context
  const { model_dim: d, head_num: heads } = config
  const dk = d / heads
  const atoms = structure.frac.length
  const bias = tensor('self_attn.in_proj_bias')
  const query = linear(x, tensor('self_attn.q_proj_weight'), bias.subarray(0, d))
  const key = linear(x, tensor('self_attn.k_proj_weight'), bias.subarray(d, 2 * d))
  const value = linear(x, tensor('self_attn.v_proj_weight'), bias.subarray(2 * d))
  const widthWeights = tensor('self_attn.lattice_pos_weights')
  const [scale, shift] = tensor('self_attn.gauss_scale')

  const alpha = new Float64Array(atoms * atoms * heads)
  const beta = hasRadialEncoding(config, domain) ? new Float64Array(alpha.length * dk) : undefined
  const attnOut = new Float64Array(atoms * d)
  for (let i = 0; i < atoms; i++) {
    for (let h = 0; h < heads; h++) {
      const t = (dot(query, i * d + h * dk, widthWeights, h * dk, dk) + shift) * scale
      const logits = new Float64Array(atoms)
      for (let j = 0; j < atoms; j++) {
        const pair = (i * atoms + j) * heads + h
        alpha[pair] = encode(i, j, h, t, context, tensor, beta?.subarray(pair * dk, (pair + 1) * dk))
        logits[j] = dot(query, i * d + h * dk, key, j * d + h * dk, dk) / Math.sqrt(dk) + alpha[pair]
      }
      const shares = softmax(logits)
      for (let j = 0; j < atoms; j++) {
        const pair = (i * atoms + j) * heads + h
        for (let c = 0; c < dk; c++) {
          const moved = value[j * d + h * dk + c] + (beta ? beta[pair * dk + c] : 0)
          attnOut[i * d + h * dk + c] += shares[j] * moved
        }
      }
    }
  }
  return { alpha, beta, attnOut }
}

/** α of one pair and head; writes β into `beta` where there is one. `t` is the standardised width logit of (i, h). */
function encode(
  i: number,
  j: number,
  h: number,
  t: number,
  { config, domain, structure, mode, l }: Block,
  tensor: (name: string) => Float32Array,
  beta: Float64Array | undefined,
): number {
  const slope = config.positive_func_beta
  const isReal = domain === 'real' || (domain === 'multihead' && h < config.head_num / 2)
  if (!isReal) {
    const width = rho(t, config.gauss_lb_reci, slope)
    const a = -((domain === 'RECI' ? 1 / width : width) * scaleReci(config, l) ** 2) / 2
    return reciprocalSum(structure, i, j, a, config.lattice_range)
  }
  const r0 = scaleReal(config, l)
  const width = rho(t, config.gauss_lb_real, slope)
  const sigma = r0 / Math.sqrt(width)
  const box = boxOf(structure, i, j, sigma, r0 / Math.sqrt(config.gauss_lb_real), config, mode)
  const radial = beta && radialGaussians(config, l)
  const profile = new Float64Array(radial?.count ?? 0)
  const alpha = realSum(structure, i, j, -width / (2 * r0 * r0), box, radial, profile)
  if (beta) {
    const projection = tensor('self_attn.pe_dist_proj')
    const dk = beta.length
    for (let c = 0; c < dk; c++)
      beta[c] = dot(projection, (h * dk + c) * profile.length, profile, 0, profile.length)
  }
  return alpha
}

function radialGaussians(config: ModelConfig, l: number): RadialGaussians {
  const count = config.value_pe_dist_real
  const step = radialRange(config, l) / count
  return { count, step, width: config.value_pe_width_scale * step }
}

function head(weights: Weights, config: ModelConfig, x: Float64Array): Float64Array {
  const d = config.model_dim
  const atoms = x.length / d
  let h = Float64Array.from({ length: d }, (_, c) => {
    let total = 0
    for (let i = 0; i < atoms; i++) total += x[i * d + c]
    return total / atoms
  })
  headLayers(config).forEach(({ name }, n) => {
    h = linear(
      n === 0 ? h : h.map(relu),
      weights.get(`${name}.weight`)!.data,
      weights.get(`${name}.bias`)!.data,
    )
  })
  return h
}

/** (1 − b)·ELU(t·β/(1 − b)) + 1 */
function rho(t: number, lowerBound: number, slope: number): number {
  const u = (t * slope) / (1 - lowerBound)
  return (1 - lowerBound) * (u > 0 ? u : Math.expm1(u)) + 1
}

/** x·Wᵀ + b for rows of x, W [out, in]. */
function linear(x: Float64Array, weight: Float32Array, bias: Float32Array): Float64Array<ArrayBuffer> {
  const outputs = bias.length
  const inputs = weight.length / outputs
  const y = new Float64Array((x.length / inputs) * outputs)
  for (let n = 0; n < y.length; n++) {
    const o = n % outputs
    y[n] = bias[o] + dot(x, ((n - o) / outputs) * inputs, weight, o * inputs, inputs)
  }
  return y
}

function dot(
  a: ArrayLike<number>,
  fromA: number,
  b: ArrayLike<number>,
  fromB: number,
  length: number,
): number {
  let total = 0
  for (let n = 0; n < length; n++) total += a[fromA + n] * b[fromB + n]
  return total
}

function softmax(logits: Float64Array): Float64Array {
  const largest = Math.max(...logits)
  const exponentials = logits.map((x) => Math.exp(x - largest))
  const total = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((x) => x / total)
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, n) => x + b[n])
}

function relu(x: number): number {
  return Math.max(x, 0)
}
