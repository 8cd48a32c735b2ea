// Attention of every atom over its periodic images as two tfjs operations with their gradients, for engines with a heap.
// The same function as the tfjs formulation of models/, without slots, padding or intermediate tensors of their size.

import * as tf from '@tensorflow/tfjs-core'
import {
  addProfileGradient,
  type DirectionEncoding,
  type Encoding,
  profileOf,
  projectionOf,
} from './fused-profile.ts'
import { run } from './kernels.ts'
import type { RadialWindows, UploadedImages } from './uploaded-images.ts'

export interface AttentionInputs {
  /** Queries scaled by dk^-½, keys, values: [A, H·dk] */
  readonly q: tf.Tensor
  readonly k: tf.Tensor
  readonly v: tf.Tensor
  /** −ρ / 2r0² of each query and head: [A, H], Å⁻² */
  readonly a: tf.Tensor
  /** Projection of the radial basis, [1, H, dk, K] */
  readonly projection?: tf.Tensor
}

/**
 * out_i = Σ_f P_f (v_j + ψ_f) for every head, [A, H·dk], with P the softmax of q_i·k_j + a_i r_f² over all images f of
 * atom i and ψ the radial encoding and that of directions. Taniai et al. 2024, eqs. 5 to 9; Ito et al. 2025. H and dk must be
 * multiples of 4, K of 8.
 */
export function periodicAttention(
  { q, k, v, a, projection }: AttentionInputs,
  images: UploadedImages,
  windows: RadialWindows | undefined,
  directions?: DirectionEncoding,
): tf.Tensor2D {
  const [heads, channels] = [a.shape[1]!, q.shape[1]! / a.shape[1]!]
  const weights = imageWeights(q, k, a, images)
  const radial = projection && windows
  if (!radial && !directions) return attendedValues(weights, v, images, undefined)
  const W = tf.concat(
    [
      ...(radial ? [tf.reshape(projection, [heads, channels, -1])] : []),
      ...(directions ? [projectionOf(directions)] : []),
    ],
    2,
  )
  return attendedValues(weights, v, images, { radial, directions, projection: W })
}

/** P [F, H]. */
export function imageWeights(
  q: tf.Tensor,
  k: tf.Tensor,
  a: tf.Tensor,
  { heap, pairStart, pairAtom, imageStart, distance2 }: UploadedImages,
): tf.Tensor2D {
  const [atoms, heads] = a.shape as [number, number]
  const size = [atoms, heads, q.shape[1]! / heads]
  const lists = [pairStart, pairAtom, imageStart, distance2]
  return operation(
    [q, k, a],
    ([q, k, a]) => {
      const out = { weights: [distance2.size, heads] }
      return [run(heap, 'weights_forward', size, [q, k, a, ...lists], out, 2 * q.size).weights as tf.Tensor2D]
    },
    (dy, [q, k, a], [weights]) => {
      const out = { q: q.shape, k: k.shape, a: a.shape }
      const made = run(heap, 'weights_backward', size, [q, k, ...lists, weights, dy], out, 4 * q.size)
      return [made.q, made.k, made.a]
    },
  )
}

/**
 * Σ_f P_f (v_j + W·b(f)), [A, H·dk]. One operation, because the gradient of the weights, which is as large as they are,
 * then is one tensor for both terms.
 */
function attendedValues(
  weights: tf.Tensor2D,
  v: tf.Tensor,
  images: UploadedImages,
  encoding: Encoding | undefined,
): tf.Tensor2D {
  const { heap, pairStart, pairAtom, imageStart } = images
  const heads = weights.shape[1]
  const [atoms, d] = v.shape as [number, number]
  const size = [atoms, heads, d / heads]
  const lists = [pairStart, pairAtom, imageStart]
  return operation(
    [weights, v, ...(encoding ? [encoding.projection] : [])],
    ([P, v, W]) => {
      const sum = run(heap, 'values_forward', size, [P, v, ...lists], { v: v.shape }, 2 * v.size)
        .v as tf.Tensor2D
      if (!encoding) return [sum]
      const { z, kept } = profileOf(P as tf.Tensor2D, images, encoding)
      const encoded = tf.transpose(tf.matMul(z, W as tf.Tensor3D, false, true), [1, 0, 2])
      return [tf.add(sum, tf.reshape(encoded, [atoms, d])), z, ...(kept ? [kept] : [])]
    },
    (dy, [P, v, W], [, z, kept]) => {
      const out = { weights: weights.shape, v: v.shape }
      const made = run(heap, 'values_backward', size, [P, v, ...lists, dy], out, 3 * v.size)
      if (!encoding) return [made.weights, made.v]
      const perHead = tf.transpose(tf.reshape(dy, [atoms, heads, d / heads]), [1, 0, 2]) as tf.Tensor3D
      addProfileGradient(made.weights, P, tf.matMul(perHead, W as tf.Tensor3D), kept, images, encoding)
      return [made.weights, made.v, tf.matMul(perHead, z as tf.Tensor3D, true, false)]
    },
  )
}

/**
 * A differentiable operation whose value and gradient are kernels. `value` makes the result, and after it whatever else
 * `gradient` needs beside the inputs.
 */
function operation<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  value: (inputs: tf.Tensor[]) => [T, ...tf.Tensor[]],
  gradient: (dy: tf.Tensor, inputs: tf.Tensor[], made: tf.Tensor[]) => tf.Tensor[],
): T {
  const op = tf.customGrad<T>((...args) => {
    const given = args.slice(0, -1) as tf.Tensor[]
    const save = args.at(-1) as unknown as (tensors: tf.Tensor[]) => void
    const made = value(given)
    save([...given, ...made])
    return {
      value: made[0],
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        gradient(dy, saved.slice(0, inputs.length), saved.slice(inputs.length)),
    }
  })
  return op(...inputs)
}
