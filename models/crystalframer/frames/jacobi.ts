// Eigenvectors of many symmetric 3×3 matrices at once, by unrolled Jacobi rotations: no kernel of its own, no loop over
// values. The closed trigonometric form would be shorter but fails on equal eigenvalues.

import * as tf from '@tensorflow/tfjs-core'

/** Cyclic sweeps: six float32 digits for any matrix, equal eigenvalues and zero included. */
const SWEEPS = 4
const SMALLEST = 1e-30

type Triple = [tf.Tensor, tf.Tensor, tf.Tensor]

/**
 * Unit eigenvectors by ascending eigenvalue, three of [A, H, 3], and the eigenvalues in units of the largest element,
 * [A, H, 1] each.
 * @param moments xx, yy, zz, xy, xz, yz, each [A, H, 1]
 */
export function sortedAxes(moments: readonly tf.Tensor3D[]): {
  readonly values: tf.Tensor3D[]
  readonly axes: tf.Tensor3D[]
} {
  const scale = tf.maximum(tf.max(tf.abs(tf.concat(moments as tf.Tensor3D[], 2)), 2, true), SMALLEST)
  const [xx, yy, zz, xy, xz, yz] = moments.map((m): tf.Tensor => tf.div(m, scale))
  const diagonal: Triple = [xx, yy, zz]
  /** beside[m] is the element that joins the two axes other than m */
  const beside: Triple = [yz, xz, xy]
  const zero = tf.zerosLike(xx)
  const one = tf.onesLike(xx)
  const axes = [0, 1, 2].map((m) =>
    tf.concat(
      [0, 1, 2].map((c) => (c === m ? one : zero)),
      2,
    ),
  ) as Triple
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const third = 3 - p - q
      const { cosine, sine, tangent } = rotation(diagonal[p], diagonal[q], beside[third])
      const moved = tf.mul(tangent, beside[third])
      diagonal[p] = tf.sub(diagonal[p], moved)
      diagonal[q] = tf.add(diagonal[q], moved)
      beside[third] = zero
      // beside[q] joins p with the third axis, beside[p] joins q with it
      ;[beside[q], beside[p]] = turned(beside[q], beside[p], cosine, sine)
      ;[axes[p], axes[q]] = turned(axes[p], axes[q], cosine, sine)
    }
  }
  for (const [p, q] of [
    [0, 1],
    [1, 2],
    [0, 1],
  ]) {
    const swap = tf.greater(diagonal[p], diagonal[q])
    ;[diagonal[p], diagonal[q]] = exchanged(swap, diagonal[p], diagonal[q])
    ;[axes[p], axes[q]] = exchanged(swap, axes[p], axes[q])
  }
  return { values: diagonal as tf.Tensor3D[], axes: axes as tf.Tensor3D[] }
}

/** The rotation that makes `joint` zero between two diagonal elements. */
function rotation(first: tf.Tensor, second: tf.Tensor, joint: tf.Tensor) {
  const half = tf.mul(tf.sub(second, first), 0.5)
  const length = tf.add(tf.abs(half), tf.sqrt(tf.add(tf.square(half), tf.square(joint))))
  const size = tf.div(joint, tf.maximum(length, SMALLEST))
  const tangent = tf.where(tf.less(half, 0), tf.neg(size), size)
  const cosine = tf.rsqrt(tf.add(tf.square(tangent), 1))
  return { tangent, cosine, sine: tf.mul(tangent, cosine) }
}

function turned(x: tf.Tensor, y: tf.Tensor, cosine: tf.Tensor, sine: tf.Tensor): [tf.Tensor, tf.Tensor] {
  return [tf.sub(tf.mul(cosine, x), tf.mul(sine, y)), tf.add(tf.mul(sine, x), tf.mul(cosine, y))]
}

function exchanged(swap: tf.Tensor, x: tf.Tensor, y: tf.Tensor): [tf.Tensor, tf.Tensor] {
  return [tf.where(swap, y, x), tf.where(swap, x, y)]
}
