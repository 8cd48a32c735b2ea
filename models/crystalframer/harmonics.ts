// Real spherical harmonics of the directions of a batch, made once and shared by all blocks and heads: products of
// polynomials of z with those of x and y. Scaled so that Σ_m Y_lm(a)·Y_lm(b) = P_l(a·b) (Racah's normalisation).

import * as tf from '@tensorflow/tfjs-core'
import type { Directions } from './frames/index.ts'
import { degreesOf, polynomials } from './harmonic-tables.ts'

/**
 * Y_lm(r̂) of degree 0 to L, [A, (L + 1)², F], zero for the atom itself and for padding. Rows by ascending m; those of m
 * are l = m … L with cos mφ, then, for m > 0, with sin mφ.
 */
export function sphericalHarmonics(
  { unit, other }: Pick<Directions, 'unit' | 'other'>,
  degree: number,
): tf.Tensor3D {
  const [atoms, , flat] = unit.shape
  const [x, y, z] = tf.split(unit, 3, 1)
  const table = tf.tensor2d(polynomials(degree).flat(), [degreesOf(degree).length, degree + 1])
  const ofZ = tf.matMul(table, tf.concat(chebyshev(z, other, degree), 1) as tf.Tensor3D) as tf.Tensor
  const blocks = tf.split(
    ofZ,
    Array.from({ length: degree + 1 }, (_, m) => degree + 1 - m),
    1,
  )
  const rows = around(x, y, degree).map((turns, n) => {
    const m = n + 1
    const both = tf.mul(tf.reshape(turns, [atoms, 2, 1, flat]), tf.reshape(blocks[m], [atoms, 1, -1, flat]))
    return tf.reshape(both, [atoms, 2 * (degree + 1 - m), flat])
  })
  return tf.concat([blocks[0], ...rows], 1) as tf.Tensor3D
}

/** T_0(z) … T_L(z), times `first`, [A, 1, F] each. */
function chebyshev(z: tf.Tensor, first: tf.Tensor, degree: number): tf.Tensor[] {
  const values = [first, z]
  const twice = tf.mul(z, 2)
  while (values.length <= degree) {
    values.push(tf.sub(tf.mul(twice, values[values.length - 1]), values[values.length - 2]))
  }
  return values
}

/** Real and imaginary part of (x + iy)^m for m = 1 … L, [A, 2, F] each. */
function around(x: tf.Tensor, y: tf.Tensor, degree: number): tf.Tensor[] {
  const first = tf.concat([x, y], 1)
  const powers = [first]
  if (degree === 1) return powers
  const twice = tf.mul(x, 2)
  const across = tf.add(tf.square(x), tf.square(y))
  const zeroth = tf.concat([tf.onesLike(x), tf.zerosLike(x)], 1)
  while (powers.length < degree) {
    const before = powers.length > 1 ? powers[powers.length - 2] : zeroth
    powers.push(tf.sub(tf.mul(twice, powers[powers.length - 1]), tf.mul(across, before)))
  }
  return powers
}
