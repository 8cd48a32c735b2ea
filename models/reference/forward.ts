// The network once more, in float64 with plain loops: the truth that exported files are checked against and that their
// golden samples come from. One crystal at a time, no tfjs, no neighbour tables. Slow on purpose.

import type { Structure } from '../../src/crystal/structure.ts'
import { ElementError } from '../../src/errors.ts'
import {
  blockDomains,
  type CrystalframerConfig,
  type Domain,
  looksAlongDensities,
  type ModelConfig,
  radialRange,
  scaleReal,
  scaleReci,
} from '../attention/config.ts'
import {
  checkTrained,
  directionProjections,
  hasRadialEncoding,
  headLayers,
  layerPrefix,
  parameterShapes,
} from '../attention/parameters.ts'
import { ELEMENTS } from '../elements.ts'
import type { Mode } from '../geometry.ts'
import type { Weights } from '../safetensors.ts'
import { checkShapes } from '../weights.ts'
import { type AxisDensity, addLegendre, axisDensities } from './density.ts'
import { type AngularGaussians, addAngular, type Frame, referenceFrames, type SharedFrame } from './frames.ts'
import { boxOf, imageVectors, type RadialGaussians, realSum, reciprocalSum } from './sums.ts'
import { weightedFrames } from './weighted-frames.ts'

/** Intermediate values of one block; N atoms, H heads, row-major. */
export interface ReferenceLayer {
  /** α_ij^h, [N, N, H] */
  readonly alpha: Float64Array
  /** P_ij^h, the share of all images of j in what i attends to, [N, N, H] */
  readonly shares: Float64Array
  /** a_i^h = −1/2σ² in Å⁻², [N, H]; of heads in reciprocal space 0 */
  readonly exponents: Float64Array
  /** β_ij^h, [N, N, H, dk]; undefined where the block has no ψ */
  readonly beta: Float64Array | undefined
  /** the frame of every atom and head, [N, H, 3, 3], the first one where several are averaged; CrystalFramer only */
  readonly frames: Float64Array | undefined
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

export interface ReferenceOptions {
  /** Frames of a CrystalFramer by layer, [N, H, 3, 3], instead of its own. */
  readonly frames?: readonly ArrayLike<number>[]
  /** Δ of weighted frames, which a CrystalFramer of `max` frames then looks along instead; above 0. */
  readonly weighted?: number
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
  { frames, weighted }: ReferenceOptions = {},
): ReferenceResult {
  checkShapes(weights, parameterShapes(config))
  checkTrained(weights, config)
  let x = embed(weights, config, structure)
  const layers = blockDomains(config).map((domain, l) => {
    const layer = block(x, { weights, config, structure, mode, l, domain, frames: frames?.[l], weighted })
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
  readonly frames: ArrayLike<number> | undefined
  readonly weighted: number | undefined
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
  const attention = attend(x, context, tensor)
  const attended = sum(
    x,
    linear(attention.attnOut, tensor('self_attn.out_proj.weight'), tensor('self_attn.out_proj.bias')),
  )
  const hidden = linear(attended, tensor('linear1.weight'), tensor('linear1.bias')).map(relu)
  return {
    ...attention,
    out: sum(attended, linear(hidden, tensor('linear2.weight'), tensor('linear2.bias'))),
  }
}

function attend(
  x: Float64Array,
  context: Block,
  tensor: (name: string) => Float32Array,
): Omit<ReferenceLayer, 'out'> {
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
  const framed = config.architecture === 'crystalframer' && !looksAlongDensities(config)
  const frames = framed ? new Float64Array(atoms * heads * 9) : undefined
  const attnOut = new Float64Array(atoms * d)
  const shares = new Float64Array(alpha.length)
  const exponents = new Float64Array(atoms * heads)
  for (let i = 0; i < atoms; i++) {
    for (let h = 0; h < heads; h++) {
      const t = (dot(query, i * d + h * dk, widthWeights, h * dk, dk) + shift) * scale
      const logits = Float64Array.from(
        { length: atoms },
        (_, j) => dot(query, i * d + h * dk, key, j * d + h * dk, dk) / Math.sqrt(dk),
      )
      if (isReal(h, context)) exponents[i * heads + h] = realSpace(i, t, context).a
      const seen = config.architecture === 'crystalframer' ? looksOf(i, h, t, logits, context) : undefined
      if (seen?.frames.length) frames?.set(seen.frames[0].frame.flat(), (i * heads + h) * 9)
      for (let j = 0; j < atoms; j++) {
        const pair = (i * atoms + j) * heads + h
        const encoded = beta?.subarray(pair * dk, (pair + 1) * dk)
        alpha[pair] = encode(i, j, h, t, context, tensor, encoded)
        logits[j] += alpha[pair]
        if (seen) addAngularEncoding(i, j, h, t, seen, context, tensor, encoded!)
      }
      const attended = softmax(logits)
      for (let j = 0; j < atoms; j++) {
        const pair = (i * atoms + j) * heads + h
        shares[pair] = attended[j]
        for (let c = 0; c < dk; c++) {
          const moved = value[j * d + h * dk + c] + (beta ? beta[pair * dk + c] : 0)
          attnOut[i * d + h * dk + c] += attended[j] * moved
        }
      }
    }
  }
  return { alpha, shares, exponents, beta, frames, attnOut }
}

/** α of one pair and head; writes β into `beta` where there is one. `t` is the standardised width logit of (i, h). */
function encode(
  i: number,
  j: number,
  h: number,
  t: number,
  context: Block,
  tensor: (name: string) => Float32Array,
  beta: Float64Array | undefined,
): number {
  const { config, domain, structure, mode, l } = context
  const slope = config.positive_func_beta
  if (!isReal(h, context)) {
    const width = rho(t, config.gauss_lb_reci, slope)
    const a = -((domain === 'RECI' ? 1 / width : width) * scaleReci(config, l) ** 2) / 2
    return reciprocalSum(structure, i, j, a, config.lattice_range)
  }
  const { a, boxTo } = realSpace(i, t, context)
  const radial = beta && radialGaussians(config, l, mode)
  const profile = new Float64Array(radial?.count ?? 0)
  const alpha = realSum(structure, i, j, a, boxTo(j), radial, profile)
  if (beta) addProjected(beta, profile, tensor('self_attn.pe_dist_proj'), h)
  return alpha
}

/** Whether a head of this block works in real space: in a multihead block the first half do. */
function isReal(h: number, { domain, config }: Block): boolean {
  return domain === 'real' || (domain === 'multihead' && h < config.head_num / 2)
}

/** a = −1/2σ² of an atom and head in real space, and the box of images that it sums over for every other atom. */
function realSpace(i: number, t: number, { config, structure, mode, l }: Block) {
  const r0 = scaleReal(config, l)
  const width = rho(t, config.gauss_lb_real, config.positive_func_beta)
  const [sigma, widest] = [width, config.gauss_lb_real].map((x) => r0 / Math.sqrt(x))
  return {
    a: -width / (2 * r0 * r0),
    boxTo: (j: number) => boxOf(structure, i, j, sigma, widest, config, mode),
  }
}

/** Along what an atom and head look: frames that are averaged over, or densities of axes. */
interface Looks {
  readonly frames: readonly SharedFrame[]
  readonly densities: readonly AxisDensity[]
}

/** The frames of atom i and head h from its scores s_ij, or the one that was given; or the densities. */
function looksOf(i: number, h: number, t: number, scores: Float64Array, context: Block): Looks {
  const config = context.config as CrystalframerConfig
  const given = context.frames
  if (given) {
    const axis = (m: number) => [0, 1, 2].map((c) => given[((i * config.head_num + h) * 3 + m) * 3 + c])
    return { frames: [{ frame: [axis(0), axis(1), axis(2)] as unknown as Frame, share: 1 }], densities: [] }
  }
  const { a, boxTo } = realSpace(i, t, context)
  const vectors = [...scores.keys()].map((j) => imageVectors(context.structure, i, j, boxTo(j)))
  const images = { a, vectors: vectors.flat(), scores: vectors.flatMap((of, j) => of.map(() => scores[j])) }
  if (looksAlongDensities(config)) return { frames: [], densities: axisDensities(images, config) }
  const frames = context.weighted
    ? weightedFrames(images, context.weighted)
    : referenceFrames(images, context.structure, config)
  return { frames, densities: [] }
}

/**
 * c_ang·Σ_m W_m·Σ_n p_n·b(e_m·r_n/|r_n|), averaged over the frames, added to `beta`; of densities Legendre polynomials of
 * the cosine with each axis, averaged over the axes by their weight.
 */
function addAngularEncoding(
  i: number,
  j: number,
  h: number,
  t: number,
  { frames, densities }: Looks,
  context: Block,
  tensor: (name: string) => Float32Array,
  beta: Float64Array,
): void {
  const config = context.config as CrystalframerConfig
  const { a, boxTo } = realSpace(i, t, context)
  const vectors = imageVectors(context.structure, i, j, boxTo(j))
  const shares = softmax(Float64Array.from(vectors, (r) => a * (r[0] * r[0] + r[1] * r[1] + r[2] * r[2])))
  const gaussians = angularGaussians(config, context.mode)
  const { names, functions } = directionProjections(config)
  names.forEach((name, m) => {
    const profile = new Float64Array(functions)
    const factor = config.value_pe_angle_coef
    if (densities.length > 0) addLegendre(profile, factor, densities[m], vectors, shares)
    for (const { frame, share } of frames)
      addAngular(profile, factor * share, frame[m], vectors, shares, gaussians)
    addProjected(beta, profile, tensor(`self_attn.${name}`), h)
  })
}

/** Adds W^h·profile, for W [1, H, dk, K]. */
function addProjected(beta: Float64Array, profile: Float64Array, projection: Float32Array, h: number): void {
  const [dk, count] = [beta.length, profile.length]
  for (let c = 0; c < dk; c++) beta[c] += dot(projection, (h * dk + c) * count, profile, 0, count)
}

function radialGaussians(config: ModelConfig, l: number, mode: Mode): RadialGaussians {
  const count = config.value_pe_dist_real
  const step = radialRange(config, l) / count
  const width = config.value_pe_width_scale * step
  if (config.architecture === 'crystalformer') return { count, step, width, factor: 1 }
  const window = publishedWindow(mode, count, config.value_pe_width_scale)
  return { count, step, width, factor: config.value_pe_dist_coef, window }
}

function angularGaussians(config: CrystalframerConfig, mode: Mode): AngularGaussians {
  const { value_pe_angle_real: count, value_pe_angle_wscale: scale, cos_abs } = config
  const width = (scale * (cos_abs ? 1 : 2)) / (count - 1)
  return { count, width, folded: cos_abs === 1, window: publishedWindow(mode, count, scale) }
}

/** The published kernels of framed networks evaluate so many Gaussians of a basis, where that saves more than eight. */
function publishedWindow(mode: Mode, count: number, scale: number): number | undefined {
  const window = Math.ceil(8 * scale + 1)
  return mode === 'published' && count - window > 8 ? window : undefined
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
