// Crystalformer and CrystalFramer as the fused engine takes them: sizes, constants and weights as plain numbers, in the
// order of runtimes/fused/source/plan.h.

import { WeightsError } from '../../src/errors.ts'
import { joinedAs } from '../../src/math/joined.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import { type AngularCells, angularCells } from '../crystalframer/angular-cells.ts'
import type { ProductList } from '../crystalframer/frames/product-list.ts'
import { signatureBeside, signatureOfAll } from '../crystalframer/frames/signature-lists.ts'
import type { FusedDescription, FusedForward } from '../fused.ts'
import type { Weights } from '../safetensors.ts'
import {
  blockDomains,
  type CrystalframerConfig,
  frameOfCell,
  frameSigns,
  hasSignedAxes,
  looksAlongDensities,
  type ModelConfig,
  modelConfig,
  radialRange,
  scaleReal,
} from './config.ts'
import {
  directionProjections,
  gaussScaleName,
  headLayers,
  layerPrefix,
  parameterShapes,
} from './parameters.ts'

/** How the kernels choose frames: `enum frames` of plan.h. */
const FRAMES = { max: 1, max_static: 2, lattice: 3, pca: 3, weighted_pca: 4, density: 5 } as const
/** Hidden layers of a head at most. */
const HEAD_SIZES = 8

/** The network for the kernels, or why they cannot compute it. @throws ConfigError, WeightsError */
export function describeAttention(
  given: unknown,
  geometry: GeometrySpec,
  weights: Weights,
): FusedDescription | string {
  const config = modelConfig(given)
  const { images, symmetry, frame } = geometry
  if (geometry.in_graph) return 'its graph makes the images itself'
  if (images?.kind !== 'sphere') return 'it sums a box of images, not a sphere'
  const unfit = whyUnfit(config)
  if (unfit !== undefined) return unfit
  for (const [name, shape] of parameterShapes(config)) {
    const found = weights.get(name)?.shape
    if (String(found) === String(shape)) continue
    throw new WeightsError(`parameter "${name}" has shape [${found ?? 'none'}], expected [${shape}]`)
  }
  const frames = config.architecture === 'crystalframer' ? config : undefined
  const cells = frames && !looksAlongDensities(config) ? angularCells(frames) : undefined
  return {
    words: wordsOf(config, frames, cells),
    weights: weightsOf(config, frames, cells, weights),
    geometry: { images, symmetry, frame },
    directions: frames !== undefined,
    chooses: choosesFrames(config),
    width: config.model_dim,
  }
}

/** The part of the rows of both networks. */
export const attentionInKernels: FusedForward = {
  describe(...given) {
    const described = describeAttention(...given)
    return typeof described === 'string' ? described : [described]
  },
}

function whyUnfit(config: ModelConfig): string | undefined {
  if (blockDomains(config).some((domain) => domain !== 'real'))
    return `domain ${config.domain} is not real space alone`
  if (config.embedding_dim.length > HEAD_SIZES)
    return `its head has ${config.embedding_dim.length} hidden layers`
  if (config.architecture === 'crystalframer' && config.ties === 'first' && choosesFrames(config))
    return 'of tied directions it takes the first'
  return undefined
}

function choosesFrames(config: ModelConfig): boolean {
  return config.architecture === 'crystalframer' && !frameOfCell(config) && !looksAlongDensities(config)
}

/** The description: whole numbers as they are, others as the bits of a float32. */
function wordsOf(
  config: ModelConfig,
  frames: CrystalframerConfig | undefined,
  cells: AngularCells | undefined,
): Int32Array {
  const densities = frames && !cells ? frames : undefined
  const lists = cells && !frameOfCell(config) ? [signatureOfAll(), signatureBeside()] : []
  const sizes = (list: ProductList | undefined) => (list ? [list.slots, list.factors.length] : [0, 0])
  const head = Array.from({ length: HEAD_SIZES }, (_, n) => config.embedding_dim[n] ?? 0)
  return Int32Array.from([
    ...[parameterShapes(config).get('input_embeddings.weight')![1], config.model_dim, config.head_num],
    ...[config.ff_dim, config.num_layers, config.num_targets, config.embedding_dim.length + 1, ...head],
    ...[config.value_pe_dist_real, bits(config.value_pe_width_scale)],
    ...[bits(config.positive_func_beta), bits(config.gauss_lb_real)],
    ...(frames
      ? [FRAMES[frames.frame_method], densities?.density_axes ?? frameSigns(frames).length]
      : [0, 0]),
    Number(frames?.pca_unit_vectors ?? false),
    ...[
      cells?.count ?? 0,
      bits(cells?.least ?? 0),
      bits(cells?.perUnit ?? 0),
      Number(cells?.absolute ?? false),
      densities?.density_degree ?? 0,
    ],
    ...[...sizes(lists[0]), ...sizes(lists[1])],
    ...Array.from({ length: config.num_layers }, (_, l) => [
      bits(-1 / (2 * scaleReal(config, l) ** 2)),
      bits(config.value_pe_dist_real / radialRange(config, l)),
    ]).flat(),
    ...lists.flatMap(({ places, factors }) => [...places, ...factors.map(bits)]),
  ])
}

const float = new Float32Array(1)
const word = new Int32Array(float.buffer)

function bits(value: number): number {
  float[0] = value
  return word[0]
}

/** The weights one after the other, with what is constant multiplied in. */
function weightsOf(
  config: ModelConfig,
  frames: CrystalframerConfig | undefined,
  cells: AngularCells | undefined,
  weights: Weights,
): Float32Array {
  const parts: Float32Array[] = []
  const add = (...names: string[]) => {
    for (const name of names) parts.push(weights.get(name)!.data)
  }
  add('input_embeddings.weight')
  for (let l = 0; l < config.num_layers; l++) {
    const layer = layerPrefix(l)
    add(...['q_proj_weight', 'k_proj_weight', 'v_proj_weight'].map((name) => `${layer}self_attn.${name}`))
    add(`${layer}self_attn.in_proj_bias`, `${layer}self_attn.lattice_pos_weights`, gaussScaleName(l))
    if (config.value_pe_dist_real > 0) {
      const radial = weights.get(`${layer}self_attn.pe_dist_proj`)!.data
      parts.push(frames ? radial.map((w) => w * frames.value_pe_dist_coef) : radial)
    }
    if (frames) {
      const projections = directionProjections(frames).names.map(
        (name) => weights.get(`${layer}self_attn.${name}`)!.data,
      )
      parts.push(cells ? cellProjection(projections, frames, cells) : densityProjection(projections, frames))
    }
    add(`${layer}self_attn.out_proj.weight`, `${layer}self_attn.out_proj.bias`)
    add(...['linear1', 'linear2'].flatMap((name) => [`${layer}${name}.weight`, `${layer}${name}.bias`]))
  }
  for (const { name } of headLayers(config)) add(`${name}.weight`, `${name}.bias`)
  return joinedAs(Float32Array, parts)
}

/** The projections of the densities [H, dk, L + 1] side by side, with c_ang: [H, dk, densities, L + 1]. */
function densityProjection(
  projections: readonly Float32Array[],
  { model_dim: rows, density_degree: degree, value_pe_angle_coef: factor }: CrystalframerConfig,
): Float32Array {
  const functions = degree + 1
  const out = new Float32Array(rows * projections.length * functions)
  for (let row = 0; row < rows; row++) {
    for (const [n, projection] of projections.entries()) {
      const own = projection.subarray(row * functions, (row + 1) * functions)
      out.set(
        own.map((w) => factor * w),
        (row * projections.length + n) * functions,
      )
    }
  }
  return out
}

/**
 * The projections of the three axes [H, dk, Ka] as one of the features of cells, [H, dk, 3, cells · 8]; with c_ang, the
 * mean over several frames, and where axes have no sign that over both.
 */
function cellProjection(
  projections: readonly Float32Array[],
  config: CrystalframerConfig,
  { count, polynomials }: AngularCells,
): Float32Array {
  const { model_dim: rows, value_pe_angle_real: gaussians } = config
  const terms = polynomials.length / gaussians
  const factor = config.value_pe_angle_coef / frameSigns(config).length
  const bothWays = !hasSignedAxes(config) && config.cos_abs === 0
  const out = new Float32Array(rows * 3 * terms)
  const sum = new Float64Array(8 * count)
  for (let row = 0; row < rows; row++) {
    for (const [axis, projection] of projections.entries()) {
      sum.fill(0)
      for (let t = 0; t < gaussians; t++) {
        const own = projection[row * gaussians + t]
        const weight = bothWays ? (own + projection[(row + 1) * gaussians - 1 - t]) / 2 : own
        for (let n = 0; n < terms; n++) sum[n] += weight * polynomials[t * terms + n]
      }
      for (let n = 0; n < terms; n++) out[(row * 3 + axis) * terms + n] = factor * sum[n]
    }
  }
  return out
}
