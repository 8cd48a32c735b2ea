// A network of infinitely connected attention (Taniai et al., ICLR 2024) as a plain function of tensors: what is trained,
// and what the exporter records. No sizes but those of its inputs, no loops over them, nothing random. Crystalformer is
// no more than this; CrystalFramer adds an encoding of the images.

import * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import { batchOfCells, type Cells } from '../batch-of-cells.ts'
import { embedSites } from '../layers/embedding.ts'
import { mlp, poolAtoms } from '../layers/head.ts'
import type { ForwardOptions, Inputs, Parameters } from '../network.ts'
import { batchImages, type Images } from './batch-images.ts'
import { attention, type BlockContext, type ValueEncoding } from './block-attention.ts'
import { blockDomains, type ModelConfig } from './config.ts'
import { feedForward } from './feed-forward.ts'
import { gaussScaleName, headLayers, layerPrefix } from './parameters.ts'
import { standardisation } from './width.ts'

/** An encoding of the images of a batch beside the radial one, and the images as they count with it. */
export type Encode = (inputs: Inputs, images: Images) => { images: Images; encoding: ValueEncoding }

export interface AttentionOptions extends ForwardOptions {
  /**
   * Besides what every network shows: first `embedded` [A, d]; per block `layer0/key` and `layer0/value` [A, d],
   * `layer0/rho` [A, H], `layer0/phi` [A, H, M·S] in real space, `layer0/phi_reciprocal` [A, H, J],
   * `layer0/attn_out` and `layer0/out` [A, d]; last `encoder_out` [A, d].
   */
  readonly trace?: ForwardOptions['trace']
  /**
   * Standardise the widths of every block by the statistics of this batch instead of the stored gauss_scale, and put
   * the new gauss_scale tensors here under their published names (to be disposed by the caller).
   */
  readonly statistics?: Map<string, tf.Tensor1D>
  readonly encode?: Encode
}

/**
 * Standardised property of every crystal of a batch, shape [C, num_targets]: the network's output before target mean
 * and standard deviation are put back.
 * @param given tensors of a batch (src/periodic/tensors.ts), at least those of `inputNames`; with `image_reach` the
 *   published box is summed
 */
export function attentionNetwork(
  parameters: Parameters,
  config: ModelConfig,
  given: Inputs,
  { trace = ignore, radius, statistics, fusedAttention, encode }: AttentionOptions = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const inputs = isCells(given) ? scope('geometry', () => batchOfCells(given, radius!)) : given
    const plain = inputs.translation && scope('images', () => batchImages(inputs, config, radius))
    const { images, encoding } =
      encode && plain ? encode(inputs, plain) : { images: plain, encoding: undefined }
    let x = scope('embedding', () =>
      embedSites(parameters['input_embeddings.weight'], inputs.species, inputs.occupancy),
    )
    trace('embedded', x)
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
  inputs: Inputs,
  options: Pick<AttentionOptions, 'fusedAttention' | 'encode'> = {},
): Map<string, tf.Tensor1D> {
  const statistics = new Map<string, tf.Tensor1D>()
  attentionNetwork(parameters, config, inputs, { ...options, statistics }).dispose()
  return statistics
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
