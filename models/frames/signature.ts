// A number for every direction that tells tied directions apart without looking at the order of atoms, at the cell or at
// its orientation: a polynomial made of the moments of the attention weights. docs/decisions/010-ties.md.

import * as tf from '@tensorflow/tfjs-core'
import type { Surroundings } from './index.ts'
import {
  contraction,
  handedness,
  type Monomial,
  monomials,
  multiplicity,
  type Table,
  turn,
} from './monomials.ts'

/** Polynomials of a direction, one of every atom and head. */
export interface Marks {
  /** at the directions of all images, [A, H, F] */
  readonly ofImages: () => tf.Tensor3D
  /** at a direction of every atom and head [A, H, 3]; [A, H, 1] */
  readonly at: (direction: tf.Tensor3D) => tf.Tensor3D
}

export interface Signature extends Marks {
  /** of directions as a second axis beside e1 [A, H, 3] */
  readonly besides: (e1: tf.Tensor3D) => Marks
}

/** What the moments of degree 1 to 4 along a direction weigh; none of them special, so that they do not cancel. */
export const WEIGHTS = [1, 0.7, 1.3, 0.9]
/** Factor of the pseudoscalars, which tell mirror images apart. */
export const HANDED = 4
/** Factors beside e1: of the side e1 × û, and of the cosine. */
export const SIDE = 2
export const COSINE = 0.5
/** Less total weight than this is none. */
const SMALLEST_TOTAL = 1e-30

/**
 * With means ⟨ ⟩ over the images by their weights, s = û·r̂, v = ⟨r̂⟩ and M = ⟨r̂ r̂ᵀ⟩, the signature of û is
 *
 *     ⟨Σ_d c_d·s^d + c·(s + s²)·det[û, s·(v + M û) + M r̂, r̂]⟩
 *
 * and beside e1, with x = e1·r̂, y = û·r̂ and z = (e1 × û)·r̂,
 *
 *     ⟨Σ_{j ≥ 1, k ≥ 0, j + k ≤ 4} c_j·x^k·y^(j − 1)·(y + c·z)⟩ + c·e1·û:
 *
 * equal for directions that a rotation of the surroundings takes into each other, and in general for no others.
 */
export function signatureOf({ directions, weights }: Surroundings): Signature {
  const { unit, other } = directions
  const powers = powersOf(unit, 5, 1)
  const others = tf.mul(weights, other)
  const total = tf.maximum(tf.sum(others, 2, true), SMALLEST_TOTAL)
  const means = tf.div(tf.matMul(others as tf.Tensor3D, tf.concat(powers.slice(0, 4), 1), false, true), total)
  const { ofAll, besides } = polynomialsOf(means)
  return { ...marks(ofAll, powers), besides: (e1) => marks(besides(e1), powers.slice(0, 4)) }
}

/**
 * The signature as polynomials: coefficients of the monomials of degree 1 to 5 of a direction, [A, H, 55], and beside e1
 * [A, H, 3] of degree 1 to 4, [A, H, 34].
 * @param means ⟨ ⟩ of the monomials of degree 1 to 4 of the directions of the images, [A, H, 34]
 */
export function polynomialsOf(means: tf.Tensor): {
  readonly ofAll: tf.Tensor
  readonly besides: (e1: tf.Tensor3D) => tf.Tensor
} {
  const [v, M, T, Q] = tf.split(means, [3, 6, 10, 15], 2)
  const scalars = [v, M, T, Q].map((moment, n) => along(moment, n + 1))
  const handed = products(tf.concat([v, M], 2), tf.concat([T, Q], 2), handedness())
  const padded = tf.pad(tf.concat(scalars, 2), [
    [0, 0],
    [0, 0],
    [0, monomials(5).length],
  ])
  return {
    ofAll: tf.add(padded, tf.mul(handed, HANDED)),
    besides: (e1) => {
      const moments = [tf.add(v, tf.mul(e1, COSINE)), M, T, Q]
      const coefficients: tf.Tensor[] = []
      /** Σ_k of the moment of degree j + k over k times e1 */
      let tensor = Q
      for (let degree = 4; degree >= 1; degree--) {
        const side = tf.mul(products(tensor, e1, turn(degree)), SIDE * WEIGHTS[degree - 1])
        coefficients.unshift(tf.add(along(tensor, degree), side))
        if (degree > 1) tensor = tf.add(moments[degree - 2], products(tensor, e1, contraction(degree)))
      }
      return tf.concat(coefficients, 2)
    },
  }
}

/** c_d·X(û, …, û) of a moment of degree d as a polynomial of û. */
function along(moment: tf.Tensor, degree: number): tf.Tensor {
  return tf.mul(moment, tf.tensor1d(monomials(degree).map((m) => WEIGHTS[degree - 1] * multiplicity(m))))
}

/** Polynomials by their coefficients [A, H, n]. @param powers the monomials of the images' directions, [A, …, F] */
function marks(coefficients: tf.Tensor, powers: readonly tf.Tensor3D[]): Marks {
  return {
    ofImages: () => tf.matMul(coefficients as tf.Tensor3D, tf.concat([...powers], 1)),
    at: (direction) =>
      tf.sum(tf.mul(coefficients, tf.concat(powersOf(direction, powers.length, 2), 2)), 2, true),
  }
}

/** Monomials of degree 1 and more of directions with their components along an axis: 3, 6, 10, … along this axis. */
function powersOf(direction: tf.Tensor3D, highest: number, axis: 1 | 2): tf.Tensor3D[] {
  const components = tf.split(direction, 3, axis)
  const made = new Map<string, tf.Tensor>()
  const make = (m: Monomial): tf.Tensor => {
    const known = made.get(String(m))
    if (known) return known
    const c = m.findIndex((power) => power > 0)
    const rest = m.map((power, other) => (other === c ? power - 1 : power)) as unknown as Monomial
    const value = rest.every((power) => power === 0) ? components[c] : tf.mul(make(rest), components[c])
    made.set(String(m), value)
    return value
  }
  return Array.from({ length: highest }, (_, n) => tf.concat(monomials(n + 1).map(make), axis) as tf.Tensor3D)
}

/**
 * All products of the components of a [A, H, n] and b [A, H, m], times a table [n·m, k]: [A, H, k]. The longer of the two
 * is innermost, which is faster.
 */
function products(a: tf.Tensor, b: tf.Tensor, table: Table): tf.Tensor {
  const [atoms, headCount, n] = a.shape
  const m = b.shape[2] as number
  const isTurned = n > m
  const [outer, inner] = isTurned ? [b, a] : [a, b]
  const all = tf.mul(
    tf.reshape(outer, [atoms, headCount, Math.min(n, m), 1]),
    tf.reshape(inner, [atoms, headCount, 1, Math.max(n, m)]),
  )
  const rows = tf.reshape(all, [atoms * headCount, n * m]) as tf.Tensor2D
  const turned = isTurned ? table.map((_, row) => table[(row % n) * m + Math.floor(row / n)]) : table
  return tf.reshape(tf.matMul(rows, tf.tensor2d(turned)), [atoms, headCount, table[0].length])
}
