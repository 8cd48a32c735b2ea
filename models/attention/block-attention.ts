// The attention of one block: projections, Gaussian widths, heads in real or in reciprocal space, output projection.

import * as tf from '@tensorflow/tfjs-core'
import { linear } from '../layers/linear.ts'
import type { Images } from './batch-images.ts'
import { type Domain, type ModelConfig, scaleReal, scaleReci } from './config.ts'
import { PLAIN_BOX_CUTOFF } from './geometry.ts'
import type { Heads } from './heads.ts'
import { hasRadialEncoding } from './parameters.ts'
import { type FusedRealAttention, type ImageAttention, realAttention } from './real-space.ts'
import { reciprocalAttention } from './reciprocal-space.ts'
import { rho, widthLogits } from './width.ts'

/** What a block is given besides its atoms. */
export interface BlockContext {
  readonly config: ModelConfig
  /** block number */
  readonly l: number
  readonly domain: Domain
  /** the tensors of a batch, by the names of src/periodic/tensors.ts */
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  /** present when any block works in real space */
  readonly images: Images | undefined
  /** a parameter of this block by its published name without the prefix */
  readonly parameter: (name: string) => tf.Tensor
  /** scale and shift of the width logits g [A, H]: the stored ones, or the statistics of this batch */
  readonly gaussScale: (g: tf.Tensor2D) => tf.Tensor
  /** takes the place of realAttention, and then `images` is not needed */
  readonly fusedAttention: FusedRealAttention | undefined
  /** an encoding of the images beside the radial one, in real space */
  readonly encoding: ValueEncoding | undefined
  readonly trace: (name: string, value: tf.Tensor) => void
}

/** What a block adds to its attended values for the images of a batch, [A, d]. */
export type ValueEncoding = (
  attention: ImageAttention,
  block: Pick<BlockContext, 'l' | 'parameter' | 'trace'>,
) => tf.Tensor2D

/** Queries, keys, values [A, d] and width logits [A, H] of some heads. */
type Projections = Omit<Heads, 'rho'> & { readonly g: tf.Tensor2D }

/** Attn(x) for x [A, d], shape [A, d]. */
export function attention(x: tf.Tensor2D, context: BlockContext): tf.Tensor2D {
  const { config, domain, parameter, trace } = context
  const [queryBias, keyBias, valueBias] = tf.split(parameter('self_attn.in_proj_bias'), 3)
  const query = linear(x, parameter('self_attn.q_proj_weight'), queryBias)
  const key = linear(x, parameter('self_attn.k_proj_weight'), keyBias)
  const value = linear(x, parameter('self_attn.v_proj_weight'), valueBias)
  trace('key', key)
  trace('value', value)

  const g = widthLogits(query, parameter('self_attn.lattice_pos_weights'), config.head_num)
  const gaussScale = context.gaussScale(g)
  const scaled = tf.mul(query, (config.model_dim / config.head_num) ** -0.5) as tf.Tensor2D
  const attended = attend({ query: scaled, key, value, g }, gaussScale, domain, context)
  trace('attn_out', attended)
  return linear(attended, parameter('self_attn.out_proj.weight'), parameter('self_attn.out_proj.bias'))
}

function attend(p: Projections, gaussScale: tf.Tensor, domain: Domain, context: BlockContext): tf.Tensor2D {
  switch (domain) {
    case 'real':
      return inRealSpace(p, gaussScale, context)
    case 'reci':
    case 'RECI':
      return inReciprocalSpace(p, gaussScale, context)
    case 'multihead': {
      const [query, key, value, g] = [p.query, p.key, p.value, p.g].map((t) => tf.split<tf.Tensor2D>(t, 2, 1))
      const half = (n: number) => ({ query: query[n], key: key[n], value: value[n], g: g[n] })
      return tf.concat(
        [inRealSpace(half(0), gaussScale, context), inReciprocalSpace(half(1), gaussScale, context)],
        1,
      )
    }
  }
}

function inRealSpace(p: Projections, gaussScale: tf.Tensor, context: BlockContext): tf.Tensor2D {
  const { config, l, domain, images, fusedAttention, encoding, trace } = context
  const width = rho(p.g, gaussScale, config.gauss_lb_real, config.positive_func_beta)
  trace('rho', width)
  const radialWeight = hasRadialEncoding(config, domain) ? radialProjection(context) : undefined
  if (fusedAttention) return fusedAttention({ ...p, rho: width }, l, radialWeight, context.parameter)
  const cutoff = images!.reach && publishedCutoff(width, config, l)
  return realAttention({ ...p, rho: width }, images!, l, {
    radialWeight,
    cutoff,
    encoding: encoding && ((attention) => encoding(attention, context)),
    trace,
  })
}

/** pe_dist_proj of the real-space heads, [1, H or H/2, dk, K]; the parameter always has all heads. */
function radialProjection({ config, domain, parameter }: BlockContext): tf.Tensor4D {
  const weight = parameter('self_attn.pe_dist_proj') as tf.Tensor4D
  if (config.architecture === 'crystalframer') return tf.mul(weight, config.value_pe_dist_coef)
  return domain === 'multihead' ? tf.split<tf.Tensor4D>(weight, 2, 1)[0] : weight
}

function inReciprocalSpace(p: Projections, gaussScale: tf.Tensor, context: BlockContext): tf.Tensor2D {
  const { config, l, domain, inputs, trace } = context
  const width = rho(p.g, gaussScale, config.gauss_lb_reci, config.positive_func_beta)
  const inverted = domain === 'RECI' ? (tf.reciprocal(width) as tf.Tensor2D) : width
  return reciprocalAttention({ ...p, rho: inverted }, inputs, scaleReci(config, l), trace)
}

/**
 * Cutoff of the published box in Å: |factor|·σ_i^h, [A, H, 1], for a negative adaptive_cutoff_sigma; the same for all,
 * factor·r0/√b, [1, 1, 1], for a positive one. Zero is a plain box.
 */
function publishedCutoff(width: tf.Tensor2D, config: ModelConfig, l: number): tf.Tensor3D {
  const { adaptive_cutoff_sigma: factor, gauss_lb_real: lowerBound } = config
  const r0 = scaleReal(config, l)
  if (factor === 0) return tf.tensor3d([PLAIN_BOX_CUTOFF], [1, 1, 1])
  if (factor > 0) return tf.tensor3d([(factor * r0) / Math.sqrt(lowerBound)], [1, 1, 1])
  const [atoms, heads] = width.shape
  return tf.reshape(tf.mul(tf.rsqrt(width), -factor * r0), [atoms, heads, 1])
}
