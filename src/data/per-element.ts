// What each element adds to a value an atom: the additive model y ≈ Σ_z x_z·c_z of the atomic fractions x. Volumes of
// elements in substitutions, and the references that make formation energies of total ones, are such c.

import { leastSquares } from '../math/least-squares.ts'

/** A value an atom, and of what. */
export interface ElementalObservation {
  /** Atomic fractions by atomic number. */
  readonly fractions: ReadonlyMap<number, number>
  readonly value: number
}

export interface PerElementOptions {
  /** λ, in observations of the pure element: what an element is held with at the mean of all values. */
  readonly penalty: number
  /** An element that would get less is held at it, and the others are fitted again. */
  readonly least?: number
}

/**
 * Ridge regression: c by atomic number with the smallest Σ (y − Σ_z x_z·c_z)² + λ·Σ_z (c_z − mean of y)². There must be
 * one observation.
 */
export function fitPerElement(
  observations: readonly ElementalObservation[],
  { penalty, least = Number.NEGATIVE_INFINITY }: PerElementOptions,
): ReadonlyMap<number, number> {
  const elements = [...new Set(observations.flatMap(({ fractions }) => [...fractions.keys()]))].sort(
    (a, b) => a - b,
  )
  const mean = observations.reduce((sum, { value }) => sum + value / observations.length, 0)
  const held = new Map<number, number>()
  for (;;) {
    const free = elements.filter((z) => !held.has(z))
    if (free.length === 0) return held
    const fitted = ridge(observations, free, held, { mean, penalty })
    const below = free.filter((_, c) => fitted[c] < least)
    if (below.length === 0) {
      return new Map(elements.map((z) => [z, held.get(z) ?? fitted[free.indexOf(z)]]))
    }
    for (const z of below) held.set(z, least)
  }
}

/** The penalty is one more observation of each element. */
function ridge(
  observations: readonly ElementalObservation[],
  free: readonly number[],
  held: ReadonlyMap<number, number>,
  { mean, penalty }: { readonly mean: number; readonly penalty: number },
): Float64Array {
  const points = observations.length + free.length
  const weight = Math.sqrt(penalty)
  const columns = free.map((z, c) => {
    const column = new Float64Array(points)
    for (const [n, { fractions }] of observations.entries()) column[n] = fractions.get(z) ?? 0
    column[observations.length + c] = weight
    return column
  })
  const values = new Float64Array(points).fill(weight * mean)
  for (const [n, { fractions, value }] of observations.entries()) {
    values[n] = value - additive(new Map([...fractions].filter(([z]) => held.has(z))), held)
  }
  return leastSquares(columns, [values])[0]
}

/** Σ_z x_z·c_z; not a number where an element has no c. */
export function additive(
  fractions: ReadonlyMap<number, number>,
  perElement: ReadonlyMap<number, number>,
): number {
  let sum = 0
  for (const [z, x] of fractions) sum += x * (perElement.get(z) ?? Number.NaN)
  return sum
}
