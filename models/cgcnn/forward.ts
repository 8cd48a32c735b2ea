// CGCNN (Xie and Grossman, PRL 120, 145301, 2018) as a plain function of tensors:
//
//     v_i ← g(v_i + LN(Σ_(j,n) c(r)·σ(z W_f + b_f) ⊙ g(z W_s + b_s))),   z = (v_i, v_j, u(r)),   g = softplus.
//
// Two things differ from the paper. Its 12 nearest neighbours jump where the 12th and 13th change places, and are not
// defined where they are equally far: here all images within a radius count, less and less towards it by c(r) =
// ½(1 + cos πr/R). Its batch norms make a prediction depend on the crystals beside it: here is a layer norm of each atom.

import * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import { embedSites } from '../layers/embedding.ts'
import { poolAtoms } from '../layers/head.ts'
import { linear } from '../layers/linear.ts'
import { batchOf, type Neighbours, neighboursOf } from '../neighbours.ts'
import type { ForwardOptions, Inputs, Parameters } from '../network.ts'
import type { CgcnnConfig } from './config.ts'
import { headNames, layerPrefix } from './parameters.ts'

/** Of the layer norm. */
const EPSILON = 1e-5

/** Standardised properties, [C, num_targets]. Shows `pooled` [C, d]. */
export function cgcnn(
  parameters: Parameters,
  config: CgcnnConfig,
  given: Inputs,
  { trace, radius }: ForwardOptions = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const inputs = scope('geometry', () => batchOf(given, radius))
    const images = scope('images', () => imagesOf(inputs, config))
    let v = scope('embedding', () =>
      embedSites(parameters['embedding.weight'], inputs.species, inputs.occupancy),
    )
    for (let l = 0; l < config.num_layers; l++) {
      v = scope(`convs.${l}`, () => convolution(v, images, (name) => parameters[layerPrefix(l) + name]))
    }
    const pooled = scope('pool', () => poolAtoms(v, inputs.pool))
    trace?.('pooled', pooled)
    return scope('head', () =>
      headNames(config).reduce(
        (h, name) => linear(tf.softplus(h), parameters[`${name}.weight`], parameters[`${name}.bias`]),
        pooled,
      ),
    )
  })
}

/** What a convolution takes of the images: S slots of M images of every atom. */
interface Images {
  /** Gaussians u_k(r), [A·M·S, K] */
  readonly distances: tf.Tensor2D
  /** c(r), 0 for the atom itself and for padding; [A, M, S, 1] */
  readonly share: tf.Tensor
  /** rows of x [A, F] of the atoms that slots belong to, [A, 1, S, F] */
  readonly neighbours: Neighbours['of']
}

function imagesOf(inputs: Inputs, { radius, num_gaussians: count }: CgcnnConfig): Images {
  const { squared, mask, of } = neighboursOf(inputs)
  const [atoms, perSlot, slots] = squared.shape
  const distance = tf.sqrt(squared)
  const step = radius / (count - 1)
  const centres = tf.tensor2d(
    Float32Array.from({ length: count }, (_, k) => k),
    [1, count],
  )
  const offset = tf.sub(tf.reshape(tf.mul(distance, 1 / step), [atoms * perSlot * slots, 1]), centres)
  const within = tf.clipByValue(distance, 0, radius)
  const share = tf.mul(tf.mul(tf.add(tf.cos(tf.mul(within, Math.PI / radius)), 1), 0.5), mask)
  return {
    distances: tf.exp(tf.neg(tf.square(offset))) as tf.Tensor2D,
    share: tf.reshape(share, [atoms, perSlot, slots, 1]),
    neighbours: of,
  }
}

/** [A, d] to [A, d]. z W is linear in its three parts: atoms are multiplied before they are gathered. */
function convolution(
  v: tf.Tensor2D,
  { distances, share, neighbours }: Images,
  parameter: (name: string) => tf.Tensor,
): tf.Tensor2D {
  const [atoms, features] = v.shape
  const [, perSlot, slots] = share.shape as number[]
  /** z W + b of every image, with rows `half`·d … of W: the gate or the core. */
  const part = (half: number): tf.Tensor => {
    const rows = (name: string) => tf.slice(parameter(name), half * features, features)
    const own = linear(v, rows('own.weight'), rows('bias'))
    const other = neighbours(tf.matMul(v, rows('neighbour.weight') as tf.Tensor2D, false, true))
    const apart = tf.matMul(distances, rows('distance.weight') as tf.Tensor2D, false, true)
    const ofAtoms = tf.add(other, tf.reshape(own, [atoms, 1, 1, features]))
    return tf.add(tf.reshape(apart, [atoms, perSlot, slots, features]), ofAtoms)
  }
  const messages = tf.mul(tf.mul(tf.sigmoid(part(0)), share), tf.softplus(part(1)))
  const sum = tf.sum(tf.reshape(messages, [atoms, perSlot * slots, features]), 1)
  const normed = layerNorm(sum, parameter('norm.gain'), parameter('norm.bias'))
  return tf.softplus(tf.add<tf.Tensor2D>(v, normed))
}

/** Over the features of every atom. */
function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, 1, true))
  const variance = tf.mean(tf.square(centred), 1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))), gain), bias)
}
