// CGCNN (Xie and Grossman, PRL 120, 145301, 2018) as a plain function of tensors:
//
//     v_i ← g(v_i + LN(Σ_(j,n) c(r)·σ(z W_f + b_f) ⊙ g(z W_s + b_s))),   z = (v_i, v_j, u(r)),   g = softplus.
//
// Two things differ from the paper. Its 12 nearest neighbours jump where the 12th and 13th change places, and are not
// defined where they are equally far: here all images within a radius count, less and less towards it by c(r) =
// ½(1 + cos πr/R). Its batch norms make a prediction depend on the crystals beside it: here is a layer norm of each atom.

import * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import { batchOfCells, type Cells } from '../batch-of-cells.ts'
import { embedSites } from '../layers/embedding.ts'
import { poolAtoms } from '../layers/head.ts'
import { linear } from '../layers/linear.ts'
import type { ForwardOptions, Inputs, Parameters } from '../network.ts'
import type { CgcnnConfig } from './config.ts'
import { headNames, layerPrefix } from './parameters.ts'

/** An image this near (Å²) is the atom itself, or padding. */
const OWN = 1e-2
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
    const inputs =
      'frac' in given ? scope('geometry', () => batchOfCells(given as unknown as Cells, radius!)) : given
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

/** The images of every atom: S slots of M images. */
interface Images {
  /** Gaussians u_k(r), [A·M·S, K] */
  readonly distances: tf.Tensor2D
  /** c(r), 0 for the atom itself and for padding; [A, M, S, 1] */
  readonly share: tf.Tensor
  /** rows of x [A, F] of the atoms that slots belong to, [A, 1, S, F] */
  readonly neighbours: (x: tf.Tensor2D) => tf.Tensor
}

function imagesOf(inputs: Inputs, { radius, num_gaussians: count }: CgcnnConfig): Images {
  const [atoms, perSlot, slots] = inputs.translation.shape as number[]
  const squared = tf.sum(tf.square(inputs.translation), 3)
  const distance = tf.sqrt(squared)
  const step = radius / (count - 1)
  const centres = tf.tensor2d(
    Float32Array.from({ length: count }, (_, k) => k),
    [1, count],
  )
  const offset = tf.sub(tf.reshape(tf.mul(distance, 1 / step), [atoms * perSlot * slots, 1]), centres)
  const within = tf.clipByValue(distance, 0, radius)
  const share = tf.mul(
    tf.mul(tf.add(tf.cos(tf.mul(within, Math.PI / radius)), 1), 0.5),
    tf.step(tf.sub(squared, OWN)),
  )
  return {
    distances: tf.exp(tf.neg(tf.square(offset))) as tf.Tensor2D,
    share: tf.reshape(share, [atoms, perSlot, slots, 1]),
    neighbours: inputs.pair ? fromTable(inputs) : fromCells(inputs),
  }
}

/** The atom j of `pair`, i·A + j. What it takes to know A is left to the graph, which has any number of atoms. */
function fromTable({ pair, pool }: Inputs): Images['neighbours'] {
  const [atoms, slots] = pair.shape as [number, number]
  const row = tf.cumsum(tf.onesLike(tf.max(pool, 0)), 0, true)
  const count = tf.cast(tf.add(tf.max(row), 1), 'int32')
  const first = tf.reshape(tf.mul(tf.cast(row, 'int32'), count), [atoms, 1])
  // Recorded with zeros for every input: no place may be negative then.
  const neighbour = tf.cast(tf.relu(tf.cast(tf.sub(pair, first), 'float32')), 'int32')
  return (x) => tf.reshape(tf.gather(x, neighbour as tf.Tensor2D), [atoms, 1, slots, x.shape[1]])
}

/** Whole cells: slot s of an atom is atom s of its own crystal. */
function fromCells({ occupancy, pool }: Inputs): Images['neighbours'] {
  const crystals = pool.shape[0]
  const atoms = occupancy.shape[0]
  const cell = atoms / crystals
  const each = tf.reshape(tf.onesLike(occupancy), [crystals, cell, 1, 1])
  return (x) =>
    tf.reshape(tf.mul(tf.reshape(x, [crystals, 1, cell, x.shape[1]]), each), [atoms, 1, cell, x.shape[1]])
}

/** [A, d] to [A, d]. z W is linear in its three parts: atoms are multiplied before they are gathered. */
function convolution(
  v: tf.Tensor2D,
  { distances, share, neighbours }: Images,
  parameter: (name: string) => tf.Tensor,
): tf.Tensor2D {
  const [atoms, features] = v.shape
  const [, perSlot, slots] = share.shape as number[]
  const own = linear(v, parameter('own.weight'), parameter('bias'))
  const other = neighbours(tf.matMul(v, parameter('neighbour.weight') as tf.Tensor2D, false, true))
  const apart = tf.matMul(distances, parameter('distance.weight') as tf.Tensor2D, false, true)
  const ofAtoms = tf.add(other, tf.reshape(own, [atoms, 1, 1, 2 * features]))
  const z = tf.add(tf.reshape(apart, [atoms, perSlot, slots, 2 * features]), ofAtoms)
  const [gate, core] = tf.split(z, 2, 3)
  const messages = tf.mul(tf.mul(tf.sigmoid(gate), share), tf.softplus(core))
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
