// Crystalformer (Taniai et al., ICLR 2024) as a plain function of tensors: what is trained, and what the exporter
// records. No sizes but those of its inputs, no loops over them, nothing random.

import * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import { batchOfCells, type Cells } from '../cells.ts'
import type { AngularEncoding } from '../crystalframer/angular.ts'
import { framedEncoding } from '../crystalframer/encoding.ts'
import { takesCellFrame } from '../crystalframer/frames/index.ts'
import { embedSites } from '../layers/embedding.ts'
import { mlp, poolAtoms } from '../layers/head.ts'
import { attention, type BlockContext } from './attention.ts'
import { blockDomains, choosesByWeight, type ModelConfig } from './config.ts'
import { feedForward } from './feed-forward.ts'
import type { Mode } from './geometry.ts'
import { batchImages } from './images.ts'
import { gaussScaleName, headLayers, layerPrefix } from './parameters.ts'
import type { FusedRealAttention } from './real-space.ts'
import { standardisation } from './width.ts'

/** Parameters by published name (models/attention/parameters.ts); variables while training. */
export type Parameters = Readonly<Record<string, tf.Tensor>>

export interface ForwardOptions {
  /**
   * Shown intermediate values: per block `layer0/rho` [A, H], `layer0/phi` and `layer0/weights` [A, H, M·S] in real
   * space, `layer0/phi_reciprocal` [A, H, J], `layer0/frames` [A, H, 3, 3] of a CrystalFramer, `layer0/attn_out` and
   * `layer0/out` [A, d]; last `encoder_out` [A, d] and `pooled` [C, d]. They are disposed after the forward: keep what
   * must live on.
   */
  readonly trace?: (name: string, value: tf.Tensor) => void
  /**
   * Å beyond which the batch holds no image: radial channels that none reaches are then left out. Of cells without
   * neighbour tables it is the radius that their images are taken from.
   */
  readonly radius?: number
  /**
   * Standardise the widths of every block by the statistics of this batch instead of the stored gauss_scale, and put
   * the new gauss_scale tensors here under their published names (to be disposed by the caller).
   */
  readonly statistics?: Map<string, tf.Tensor1D>
  /** Attention in real space by a kernel that has the images already; the image tensors may then be left out. */
  readonly fusedAttention?: FusedRealAttention
  /** Frames of a CrystalFramer by block, [A, H, 3, 3], instead of its own. */
  readonly frames?: readonly tf.Tensor4D[]
  /** Another implementation of the angular encoding of a CrystalFramer, to compare with. */
  readonly angular?: AngularEncoding
}

/**
 * Standardised property of every crystal of a batch, shape [C, num_targets]: the network's output before target mean
 * and standard deviation are put back.
 * @param given tensors of a `Batch` (src/periodic/types.ts), at least those of `inputNames`; with `image_reach` the
 *   published box is summed
 */
export function crystalformer(
  parameters: Parameters,
  config: ModelConfig,
  given: Readonly<Record<string, tf.Tensor>>,
  { trace = ignore, radius, statistics, fusedAttention, frames, angular }: ForwardOptions = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const inputs = isCells(given) ? scope('geometry', () => batchOfCells(given, radius!)) : given
    const plain = inputs.translation && scope('images', () => batchImages(inputs, config, radius))
    const { images, encoding } =
      config.architecture === 'crystalframer' && plain
        ? scope('directions', () => framedEncoding(inputs, plain, config, frames, angular))
        : { images: plain, encoding: undefined }
    let x = scope('embedding', () =>
      embedSites(parameters['input_embeddings.weight'], inputs.species, inputs.occupancy),
    )
    for (const [l, domain] of blockDomains(config).entries()) {
      x = scope(`layers.${l}`, () =>
        block(x, {
          config,
          l,
          domain,
          inputs,
          images,
          fusedAttention,
          encoding,
          parameter: (name) => parameters[layerPrefix(l) + name],
          gaussScale: (g) =>
            statistics ? measure(statistics, gaussScaleName(l), g) : parameters[gaussScaleName(l)],
          trace: (name, value) => trace(`layer${l}/${name}`, value),
        }),
      )
    }
    trace('encoder_out', x)
    const pooled = scope('pool', () => poolAtoms(x, inputs.pool))
    trace('pooled', pooled)
    const layers = headLayers(config).map(({ name }) => ({
      weight: parameters[`${name}.weight`],
      bias: parameters[`${name}.bias`],
    }))
    return scope('head', () => mlp(pooled, layers))
  })
}

/**
 * gauss_scale of every block from one batch, by published name: what the first training step stores before it
 * computes its gradient. Layer by layer, since the widths of a block shape what the next one sees.
 */
export function gaussStatistics(
  parameters: Parameters,
  config: ModelConfig,
  inputs: Readonly<Record<string, tf.Tensor>>,
  options: Pick<ForwardOptions, 'fusedAttention'> = {},
): Map<string, tf.Tensor1D> {
  const statistics = new Map<string, tf.Tensor1D>()
  crystalformer(parameters, config, inputs, { ...options, statistics }).dispose()
  return statistics
}

/** The tensors of a batch that the network reads; a batch may hold more. */
export function inputNames(config: ModelConfig, mode: Mode): string[] {
  const domains = blockDomains(config)
  const real = domains.some((domain) => domain === 'real' || domain === 'multihead')
  const reciprocal = domains.some((domain) => domain !== 'real')
  const framed = config.architecture === 'crystalframer'
  const reach = mode === 'published' && (framed || config.adaptive_cutoff_sigma !== 0)
  return [
    'species',
    'occupancy',
    ...(real ? ['pair', 'pair_start', 'pair_end', 'translation', 'image_mask'] : []),
    ...(real && reach ? ['image_reach'] : []),
    ...(mode === 'converged' && choosesByWeight(config) ? ['near'] : []),
    ...(config.architecture === 'crystalframer' && takesCellFrame(config) ? ['frame'] : []),
    ...(reciprocal ? ['partner', 'partner_mask', 'wave_cosine', 'wave_norm2'] : []),
    'pool',
  ]
}

function isCells(inputs: object): inputs is Cells {
  return 'frac' in inputs
}

/** x + Attn(x), then x + FeedForward(x): T-Fixup needs no layer norm. Shape [A, d]. */
function block(x: tf.Tensor2D, context: BlockContext): tf.Tensor2D {
  const { parameter, trace } = context
  const attended: tf.Tensor2D = tf.add(
    x,
    scope('attention', () => attention(x, context)),
  )
  const out: tf.Tensor2D = tf.add(
    attended,
    scope('feed_forward', () =>
      feedForward(attended, {
        weight1: parameter('linear1.weight'),
        bias1: parameter('linear1.bias'),
        weight2: parameter('linear2.weight'),
        bias2: parameter('linear2.bias'),
      }),
    ),
  )
  trace('out', out)
  return out
}

function measure(statistics: Map<string, tf.Tensor1D>, name: string, g: tf.Tensor2D): tf.Tensor1D {
  const measured = tf.keep(standardisation(g))
  statistics.set(name, measured)
  return measured
}

function ignore(): void {}
