// The yardstick of `npm run bench`: Crystalformer in the layout of the published code, one crystal a run, every atom
// pair times the fixed 5×5×5 box of lattice translations. Same weights, same exporter, same runtime as ours; only the
// layout differs. Its basis is shared by all layers, which flatters it a little (the published code evaluates it anew).

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange, scaleReal } from '../models/attention/config.ts'
import type { Parameters } from '../models/network.ts'

/** Translations of the box |n| ≤ 2. */
export const DENSE_IMAGES = 125

/**
 * One prediction [1, targets] for species [N] (element rows), positions [N, 3] in Å and translations [125, 3] in Å.
 * Real domain with ψ only: what the benchmark's weights are.
 */
export function denseCrystalformer(
  w: Parameters,
  config: ModelConfig,
  inputs: Readonly<Record<string, tf.Tensor>>,
): tf.Tensor {
  const { species, positions, translations } = inputs
  const n = positions.shape[0]
  const pairs = tf.sub(tf.reshape(positions, [1, n, 1, 3]), tf.reshape(positions, [n, 1, 1, 3]))
  const images = tf.add(pairs, tf.reshape(translations, [1, 1, DENSE_IMAGES, 3]))
  const d2 = tf.sum(tf.square(images), 3)
  const basis = radialBasis(tf.sqrt(d2), radialRange(config, 0), config)

  let x = tf.gather(tf.transpose(w['input_embeddings.weight']), tf.cast(species, 'int32'))
  for (let l = 0; l < config.num_layers; l++) {
    x = tf.add(x, attention(w, config, l, x, d2, basis))
    x = tf.add(x, feedForward(w, l, x))
  }
  let h: tf.Tensor = tf.mean(x, 0, true)
  h = tf.relu(linear(h, w['mlp.0.weight'], w['mlp.0.bias']))
  return linear(h, w['mlp.3.weight'], w['mlp.3.bias'])
}

/** Gaussians of |r|, [N·N, 125, K]. */
function radialBasis(distance: tf.Tensor, range: number, config: ModelConfig): tf.Tensor {
  const k = config.value_pe_dist_real
  const step = range / k
  const n = distance.shape[0]
  const centres = tf.tensor1d(Array.from({ length: k }, (_, i) => (i + 1) * step))
  const u = tf.sub(tf.reshape(distance, [n * n, DENSE_IMAGES, 1]), centres)
  const width = config.value_pe_width_scale * step
  return tf.exp(tf.mul(tf.square(u), tf.scalar(-0.5 / width ** 2)))
}

function attention(
  w: Parameters,
  config: ModelConfig,
  l: number,
  x: tf.Tensor,
  d2: tf.Tensor,
  basis: tf.Tensor,
): tf.Tensor {
  const name = (s: string) => w[`encoder.layers.${l}.self_attn.${s}`]
  const n = x.shape[0]
  const d = config.model_dim
  const H = config.head_num
  const dk = d / H
  const bias = tf.split(name('in_proj_bias'), 3)
  const heads = (kind: string, b: tf.Tensor) =>
    tf.reshape(linear(x, name(`${kind}_proj_weight`), b), [n, H, dk])
  const q = heads('q', bias[0])
  const k = heads('k', bias[1])
  const v = heads('v', bias[2])

  const [scale, shift] = tf.split(name('gauss_scale'), 2)
  const g = tf.sum(tf.mul(q, tf.reshape(name('lattice_pos_weights'), [1, H, dk])), 2)
  const t = tf.mul(tf.add(g, shift), scale)
  const b = config.gauss_lb_real
  const rho = tf.add(tf.mul(tf.elu(tf.mul(t, config.positive_func_beta / (1 - b))), 1 - b), 1)
  const a = tf.mul(rho, -0.5 / scaleReal(config, l) ** 2)

  // [N, N, H, 125]: log weight of every image, then its sum and share
  const phi = tf.mul(tf.reshape(a, [n, 1, H, 1]), tf.reshape(d2, [n, n, 1, DENSE_IMAGES]))
  const top = tf.max(phi, 3, true)
  const e = tf.exp(tf.sub(phi, top))
  const total = tf.sum(e, 3, true)
  const alpha = tf.reshape(tf.add(tf.log(total), top), [n, n, H])
  const p = tf.reshape(tf.div(e, total), [n * n, H, DENSE_IMAGES])
  const z = tf.reshape(tf.matMul(p as tf.Tensor3D, basis as tf.Tensor3D), [n * n, H, -1])
  const projected = tf.matMul(
    tf.transpose(z, [1, 0, 2]),
    tf.reshape(name('pe_dist_proj'), [H, dk, -1]),
    false,
    true,
  )
  const beta = tf.reshape(projected, [H, n, n, dk])

  const scores = tf.matMul(
    tf.transpose(tf.mul(q, dk ** -0.5), [1, 0, 2]),
    tf.transpose(k, [1, 0, 2]),
    false,
    true,
  )
  const weights = tf.softmax(tf.add(scores, tf.transpose(alpha, [2, 0, 1])))
  const content = tf.matMul(weights, tf.transpose(v, [1, 0, 2]))
  const position = tf.sum(tf.mul(tf.expandDims(weights, 3), beta), 2)
  const y = tf.reshape(tf.transpose(tf.add(content, position), [1, 0, 2]), [n, d])
  return linear(y, name('out_proj.weight'), name('out_proj.bias'))
}

function feedForward(w: Parameters, l: number, x: tf.Tensor): tf.Tensor {
  const name = (s: string) => w[`encoder.layers.${l}.${s}`]
  const hidden = tf.relu(linear(x, name('linear1.weight'), name('linear1.bias')))
  return linear(hidden, name('linear2.weight'), name('linear2.bias'))
}

function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true), bias)
}
