// A number for every direction that tells tied directions apart without looking at the order of atoms, at the cell or at
// its orientation: a polynomial made of the moments of the attention weights. docs/decisions/010-ties.md.

import * as tf from '@tensorflow/tfjs-core'
import type { Surroundings } from './index.ts'
import { type Monomial, monomials, multiplicity, place, times } from './monomials.ts'
import { cross } from './vectors.ts'

export interface Signature {
  /** of every image, [A, H, F] */
  readonly ofAll: tf.Tensor3D
  /** of every image as a second axis beside e1 [A, H, 3], whose cosines with them are [A, H, F] */
  readonly besides: (e1: tf.Tensor3D, cosine: tf.Tensor3D) => tf.Tensor3D
}

/** What the moments of degree 1 to 4 along a direction weigh; none of them special, so that they do not cancel. */
const WEIGHTS = [1, 0.7, 1.3, 0.9]
/** Factors of the pseudoscalars, which tells mirror images apart, and of the cosine with e1. */
const HANDED = 4
const COSINE = 0.5
/** Factor of the pseudoscalar that also tells two directions apart whose first axis lies on a mirror. */
const TWIST = 2
/** Less total weight than this is none. */
const SMALLEST_TOTAL = 1e-30

/** ε_abc for the permutations of x, y, z. */
const PERMUTATIONS = [
  [0, 1, 2, 1],
  [1, 2, 0, 1],
  [2, 0, 1, 1],
  [0, 2, 1, -1],
  [2, 1, 0, -1],
  [1, 0, 2, -1],
] as const

/**
 * Σ_d c_d·Σ_n P_n·(û·r̂_n)^d + c·det[û, v + M û, T û û] with the moments v, M, T of degree 1 to 3 of the weights: equal for
 * directions that a rotation of the surroundings takes into each other, and in general for no others.
 */
export function signatureOf({ directions, weights }: Surroundings): Signature {
  const { unit, other } = directions
  const powers = powersOf(unit)
  const others = tf.mul(weights, other)
  const total = tf.maximum(tf.sum(others, 2, true), SMALLEST_TOTAL)
  const moments = tf.div(tf.matMul(others as tf.Tensor3D, tf.concat(powers, 2)), total)
  const [first, second, third, fourth] = tf.split(moments, [3, 6, 10, 15], 2)

  const polar = product(outer(first, third), polarDeterminant())
  const handed = product(outer(second, third), determinant())
  const scaled: tf.Tensor[] = [first, second, third, fourth].map((moment, n) =>
    tf.mul(moment, tf.tensor1d(monomials(n + 1).map((m) => WEIGHTS[n] * multiplicity(m)))),
  )
  scaled[2] = tf.add(scaled[2], tf.mul(polar, HANDED))
  scaled[3] = tf.add(scaled[3], tf.mul(handed, HANDED))
  const ofAll: tf.Tensor3D = tf.matMul(tf.concat(scaled, 2) as tf.Tensor3D, tf.concat(powers, 2), false, true)

  return {
    ofAll,
    besides: (e1, cosine) => {
      const [, squares] = powersOf(e1)
      const around = [first, contracted(second, e1, 1), contracted(third, squares, 2)]
      const normal = cross(tf.addN(around) as tf.Tensor3D, e1)
      const sided = tf.add(tf.matMul(normal, unit, false, true), tf.mul(twist(third, e1, unit), TWIST))
      return tf.addN([ofAll, tf.mul(cosine, COSINE), sided]) as tf.Tensor3D
    },
  }
}

/** Monomials of degree 1 to 4 of directions [A, n, 3]: [A, n, 3], [A, n, 6], [A, n, 10], [A, n, 15]. */
function powersOf(direction: tf.Tensor3D): tf.Tensor3D[] {
  const axes = tf.split(direction, 3, 2)
  const made = new Map<string, tf.Tensor>([['0,0,0', tf.onesLike(axes[0])]])
  const make = (m: Monomial): tf.Tensor => {
    const known = made.get(String(m))
    if (known) return known
    const axis = m.findIndex((power) => power > 0)
    const rest = m.map((power, c) => (c === axis ? power - 1 : power)) as unknown as Monomial
    const value = rest.every((power) => power === 0) ? axes[axis] : tf.mul(make(rest), axes[axis])
    made.set(String(m), value)
    return value
  }
  return [1, 2, 3, 4].map((degree) => tf.concat(monomials(degree).map(make), 2) as tf.Tensor3D)
}

/** Σ of a moment of degree n + 1 over n directions, given as their monomials [A, H, …]: [A, H, 3]. */
function contracted(moment: tf.Tensor, powers: tf.Tensor3D, degree: number): tf.Tensor {
  const [atoms, headCount] = powers.shape
  const inner = monomials(degree)
  const table = tf.tensor2d(
    monomials(degree + 1).map((m) =>
      [0, 1, 2].flatMap((c) =>
        inner.map((n) => (place(times(axis(c), n)) === place(m) ? multiplicity(n) : 0)),
      ),
    ),
  )
  const rows = tf.reshape(product(moment, table), [atoms, headCount, 3, inner.length])
  return tf.sum(tf.mul(rows, tf.reshape(powers, [atoms, headCount, 1, inner.length])), 3)
}

/** det[e1, û, T e1 û] of every image, [A, H, F]. */
function twist(third: tf.Tensor, e1: tf.Tensor3D, unit: tf.Tensor3D): tf.Tensor {
  const [atoms, headCount] = e1.shape
  const flat = unit.shape[1]
  const axes = [0, 1, 2]
  const table = tf.tensor2d(
    monomials(3).map((m) =>
      axes.flatMap((c) =>
        axes.flatMap((d) =>
          axes.map((e) => (place(times(times(axis(c), axis(d)), axis(e))) === place(m) ? 1 : 0)),
        ),
      ),
    ),
  )
  const tensor = tf.reshape(product(third, table), [atoms, headCount, 9, 3])
  const rows = tf.reshape(tf.sum(tf.mul(tensor, tf.reshape(e1, [atoms, headCount, 1, 3])), 3), [
    atoms,
    3 * headCount,
    3,
  ]) as tf.Tensor3D
  const first = tf.tile(tf.reshape(e1, [atoms, headCount, 1, 3]), [1, 1, 3, 1])
  const turned = cross(rows, tf.reshape(first, [atoms, 3 * headCount, 3]) as tf.Tensor3D)
  const sides = tf.reshape(tf.matMul(turned, unit, false, true), [atoms, headCount, 3, flat])
  return tf.sum(tf.mul(sides, tf.reshape(tf.transpose(unit, [0, 2, 1]), [atoms, 1, 3, flat])), 2)
}

/** All products of the components of two moments, [A, H, n·m]. */
function outer(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [atoms, headCount, n] = a.shape
  const m = b.shape[2] as number
  const products = tf.mul(tf.reshape(a, [atoms, headCount, n, 1]), tf.reshape(b, [atoms, headCount, 1, m]))
  return tf.reshape(products, [atoms, headCount, n * m])
}

/** det[û, v, T û û] by the products of the components of v and T, [30, 10]: coefficients of monomials of degree 3. */
function polarDeterminant(): tf.Tensor2D {
  const table = Array.from({ length: 30 }, () => new Array<number>(10).fill(0))
  for (const [a, b, c, sign] of PERMUTATIONS) {
    for (const n of monomials(2)) {
      table[10 * b + place(times(axis(c), n))][place(times(axis(a), n))] += sign * multiplicity(n)
    }
  }
  return tf.tensor2d(table)
}

/** det[û, M û, T û û] by the products of the components of M and T, [60, 15]: coefficients of monomials of degree 4. */
function determinant(): tf.Tensor2D {
  const table = Array.from({ length: 60 }, () => new Array<number>(15).fill(0))
  for (const [a, b, c, sign] of PERMUTATIONS) {
    for (const d of [0, 1, 2]) {
      const row = 10 * place(times(axis(b), axis(d)))
      for (const n of monomials(2)) {
        const column = place(times(times(axis(a), axis(d)), n))
        table[row + place(times(axis(c), n))][column] += sign * multiplicity(n)
      }
    }
  }
  return tf.tensor2d(table)
}

function axis(c: number): Monomial {
  return [0, 1, 2].map((other) => (other === c ? 1 : 0)) as unknown as Monomial
}

/** x [A, H, n] times a table [n, m]. */
function product(x: tf.Tensor, table: tf.Tensor2D): tf.Tensor {
  const [atoms, headCount, inputs] = x.shape
  const [, outputs] = table.shape
  return tf.reshape(tf.matMul(tf.reshape(x, [atoms * headCount, inputs]) as tf.Tensor2D, table), [
    atoms,
    headCount,
    outputs,
  ])
}
