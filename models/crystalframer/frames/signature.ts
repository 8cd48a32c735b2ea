// A number for every direction that tells tied directions apart without looking at the order of atoms, at the cell or at
// its orientation: a polynomial made of the moments of the attention weights. docs/decisions/010-ties.md.

import * as tf from '@tensorflow/tfjs-core'
import { axialTerms, contraction, handedness, monomials, multiplicity, onSphere, turn } from './monomials.ts'
import { AXIAL, COSINE, HANDED, SIDE, WEIGHTS } from './signature-weights.ts'
import type { Surroundings } from './surroundings.ts'

/** Polynomials of a direction, one of every atom and head. */
export interface Marks {
  /** sign times them at the directions of the images to choose from, [A, H, N]; at most 28 */
  readonly ofImages: (sign: 1 | -1) => tf.Tensor3D
  /** at a direction of every atom and head [A, H, 3]; [A, H, 1] */
  readonly at: (direction: tf.Tensor3D) => tf.Tensor3D
}

export interface Signature extends Marks {
  /** of directions as a second axis beside e1 [A, H, 3] */
  readonly besides: (e1: tf.Tensor3D) => Marks
}

/** Less total weight than this is none. */
const SMALLEST_TOTAL = 1e-30
/** Weights before they are squared: a normal number. */
const SMALLEST_WEIGHT = 1e-15

/**
 * With means ⟨ ⟩ over the images by their weights, s = û·r̂, v = ⟨r̂⟩ and M = ⟨r̂ r̂ᵀ⟩, the signature of û is
 *
 *     ⟨Σ_d c_d·s^d + c·(s + s²)·det[û, s·(v + M û) + M r̂, r̂]⟩ + c·û·⟨⟨(t² + t³)·r̂ × r̂'⟩⟩,   t = r̂·r̂',
 *
 * where the mean over r̂' goes by the squares of the weights,
 * and beside e1, with x = e1·r̂, y = û·r̂ and z = (e1 × û)·r̂,
 *
 *     ⟨Σ_{j ≥ 1, k ≥ 0, j + k ≤ 4} c_j·x^k·y^(j − 1)·(y + c·z)⟩ + c·e1·û:
 *
 * equal for directions that a rotation of the surroundings takes into each other, and in general for no others.
 */
export function signatureOf({
  directions,
  weights,
  choice,
}: Pick<Surroundings, 'directions' | 'weights' | 'choice'>): Signature {
  const [atoms, headCount] = weights.shape
  const ofMoments = tf.concat(powersOf(directions.unit, 4, 1).slice(2), 1)
  const [, , cubic, quartic, quintic] = powersOf(choice.directions.unit, 5, 1)
  // Directions have length 1, but for images without one, which have length 0.
  const sums = componentsFirst(tf.matMul(ofMoments, weights, false, true))
  const squares = tf.square(tf.maximum(weights, SMALLEST_WEIGHT)) as tf.Tensor3D
  const sharpSums = componentsFirst(tf.matMul(ofMoments, squares, false, true))
  const { ofAll, besides } = polynomialsOf(normalised(sums), normalised(sharpSums))
  const marks = (coefficients: tf.Tensor2D, degree: 4 | 5): Marks => {
    const images = tf.concat(degree === 4 ? [cubic, quartic] : [quartic, quintic], 1)
    return {
      ofImages: (sign) => {
        const signed = sign === 1 ? coefficients : tf.neg(coefficients)
        const byAtom = tf.transpose(tf.reshape(signed, [-1, atoms, headCount]), [1, 2, 0])
        return tf.matMul(byAtom as tf.Tensor3D, images)
      },
      at: (direction) => {
        const values = tf.concat(powersOf(ofRows(direction), degree, 0).slice(-2), 0)
        return tf.reshape(tf.sum(tf.mul(coefficients, values), 0), [atoms, headCount, 1])
      },
    }
  }
  return { ...marks(ofAll, 5), besides: (e1) => marks(besides(ofRows(e1)), 4) }
}

/** Sums of the monomials of degree 3 and 4 over the images as means. */
function normalised(sums: tf.Tensor2D): tf.Tensor2D {
  return tf.div(sums, tf.maximum(tf.matMul(toSphere([0], [3, 4]), sums, true), SMALLEST_TOTAL))
}

/** [A, n, H] as [n, A·H]. */
function componentsFirst(x: tf.Tensor3D): tf.Tensor2D {
  const [atoms, count, headCount] = x.shape
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [count, atoms * headCount])
}

/** [A, H, n] as [n, A·H]. */
function ofRows(x: tf.Tensor3D): tf.Tensor2D {
  const [atoms, headCount, count] = x.shape
  return tf.reshape(tf.transpose(x, [2, 0, 1]), [count, atoms * headCount])
}

/**
 * The signature as polynomials of directions of length 1, where those of two degrees that follow each other comprise the
 * lower ones: coefficients of the monomials of degree 4 and 5, [36, N], and beside e1 [3, N] of degree 3 and 4, [25, N],
 * for the N rows of atoms and heads. Rows innermost: what is done to all of them is done along a long axis.
 * @param moments ⟨ ⟩ of the monomials of degree 3 and 4 of the directions of the images, [25, N]
 * @param sharp the same by the squares of the weights
 */
export function polynomialsOf(
  moments: tf.Tensor2D,
  sharp: tf.Tensor2D,
): {
  readonly ofAll: tf.Tensor2D
  readonly besides: (e1: tf.Tensor2D) => tf.Tensor2D
} {
  const lower = tf.matMul(toSphere([1, 2], [3, 4]), moments, true) as tf.Tensor2D
  const handed = tf.matMul(toSphere([1, 2, 3, 4, 5], [4, 5]), tf.tensor2d(handedness()), false, true)
  const scalars = tf.matMul(
    tf.mul(toSphere(DEGREES, [4, 5]), tf.concat(DEGREES.map(along), 1)) as tf.Tensor2D,
    toSphere(DEGREES, [3, 4]),
    false,
    true,
  )
  const [v, M] = tf.split<tf.Tensor2D>(lower, [3, 6], 0)
  const [T, Q] = tf.split<tf.Tensor2D>(moments, [10, 15], 0)
  return {
    ofAll: tf.addN([
      tf.matMul(scalars, moments),
      tf.matMul(tf.mul(handed, HANDED), products(lower, moments)),
      tf.matMul(tf.mul(toSphere([1], [4, 5]), AXIAL), axialVector(moments, sharp)),
    ]) as tf.Tensor2D,
    besides: (e1) => {
      const own = [tf.add(v, tf.mul(e1, COSINE)) as tf.Tensor2D, M, T, Q]
      const parts: tf.Tensor2D[] = []
      const weights: tf.Tensor2D[] = []
      /** Σ_k of the moment of degree j + k over k times e1 */
      let tensor = Q
      for (let degree = 4; degree >= 1; degree--) {
        const withE1 = products(tensor, e1)
        const sphere = toSphere([degree], [3, 4])
        const side = tf.matMul(sphere, tf.tensor2d(turn(degree)), false, true)
        parts.push(tensor, withE1)
        weights.push(tf.mul(sphere, along(degree)), tf.mul(side, SIDE * WEIGHTS[degree - 1]))
        if (degree > 1) {
          const contracted = tf.matMul(tf.tensor2d(contraction(degree)), withE1, true)
          tensor = tf.add(own[degree - 2], contracted)
        }
      }
      return tf.matMul(tf.concat(weights, 1), tf.concat(parts, 0))
    },
  }
}

const DEGREES = [1, 2, 3, 4]

/** ⟨⟨(t² + t³)·r̂ × r̂'⟩⟩, [3, N]. */
function axialVector(moments: tf.Tensor2D, sharp: tf.Tensor2D): tf.Tensor2D {
  const quartic = monomials(3).length
  const terms = [
    ...axialTerms(3),
    ...axialTerms(4).map(({ x, y, ...term }) => ({ ...term, x: x + quartic, y: y + quartic })),
  ]
  const rows = (of: tf.Tensor2D, places: number[]) => tf.gather(of, tf.tensor1d(places, 'int32'))
  const pairs = tf.mul(
    rows(
      moments,
      terms.map(({ x }) => x),
    ),
    rows(
      sharp,
      terms.map(({ y }) => y),
    ),
  )
  const table = [0, 1, 2].map((c) => terms.map(({ to, factor }) => (to === c ? factor : 0)))
  return tf.matMul(tf.tensor2d(table), pairs as tf.Tensor2D)
}

/** Coefficients of polynomials to those of two other degrees; transposed, moments of these to those of the former. */
function toSphere(from: readonly number[], to: readonly [number, number]): tf.Tensor2D {
  return tf.tensor2d(onSphere(from, to))
}

/** Factors c_d·multiplicity, which make a moment of degree d the polynomial c_d·X(û, …, û); [1, n] */
function along(degree: number): tf.Tensor2D {
  return tf.tensor2d([monomials(degree).map((m) => WEIGHTS[degree - 1] * multiplicity(m))])
}

/** All products of the components of a [n, N] and b [m, N]: [n·m, N]. */
function products(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const [n, rows] = a.shape
  const m = b.shape[0]
  return tf.reshape(tf.mul(tf.reshape(a, [n, 1, rows]), tf.reshape(b, [1, m, rows])), [n * m, rows])
}

/**
 * Monomials of degree 1 and more of directions with their components along an axis: 3, 6, 10, … along this axis. Those
 * of the next degree are x times all, y times those without x, and z times the one without x and y.
 */
function powersOf<T extends tf.Tensor>(direction: T, highest: number, axis: 0 | 1): T[] {
  const [x, y, z] = tf.split(direction, 3, axis)
  const powers = [direction]
  for (let degree = 1; degree < highest; degree++) {
    const all = powers[degree - 1]
    powers.push(
      tf.concat(
        [tf.mul(all, x), tf.mul(last(all, degree + 1, axis), y), tf.mul(last(all, 1, axis), z)],
        axis,
      ) as T,
    )
  }
  return powers
}

/** The last components along an axis. */
function last(x: tf.Tensor, count: number, axis: 0 | 1): tf.Tensor {
  const begin = x.shape.map((size, n) => (n === axis ? size - count : 0))
  return tf.slice(
    x,
    begin,
    x.shape.map((size, n) => (n === axis ? count : size)),
  )
}
