// The places of a list that are nearest to a given one, of some thousand with some tens of coordinates. Bounds by triangles
// leave nearly all of them to be looked at, since they lie far from each other in all directions. So a first look at all of
// them is made cheap: |x|² − 2·x·q, with products of whole numbers. Those that it cannot tell from the nearest are looked at
// exactly, and the result is that of looking at all exactly.

import { LARGEST, productsWith, ROW } from './products.ts'

/** A place of the list, and its squared distance. */
export interface Near {
  /** its number */
  readonly n: number
  readonly squared: number
}

/** The list. */
export interface Places {
  /** [count, axes] from −127 to 127 */
  readonly whole: Int8Array
  /** what one of them is */
  readonly step: number
  /** [count, axes] whole · step */
  readonly places: Float32Array
}

/** Places are rounded to float32. */
const SLACK = 1e-6

/**
 * @param axes at most 32
 * @returns the `most` nearest, ascending; of equals the first in the list
 */
export function nearestIn(
  { whole, step, places }: Places,
  axes: number,
  most: number,
): (place: Float64Array) => readonly Near[] {
  const count = whole.length / axes
  const productsOf = productsWith(whole, axes)
  const looks = new Float64Array(count)
  const squares = new Float64Array(count)
  /** The largest |x|², and the largest sum of |x_k| in steps. */
  let farthest = 0
  let span = 0
  for (let n = 0; n < count; n++) {
    const own = whole.subarray(n * axes, (n + 1) * axes)
    squares[n] = step * step * own.reduce((sum, x) => sum + x * x, 0)
    farthest = Math.max(farthest, squares[n])
    span = Math.max(
      span,
      own.reduce((sum, x) => sum + Math.abs(x), 0),
    )
  }
  const rounded = new Int16Array(ROW)

  return (place) => {
    const largest = place.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    const scale = LARGEST / (largest || 1)
    for (let k = 0; k < axes; k++) rounded[k] = Math.round(place[k] * scale)
    const products = productsOf(rounded)
    const unit = (2 * step) / scale
    for (let n = 0; n < count; n++) looks[n] = squares[n] - unit * products[n]
    // Each coordinate is off by half a unit of the scale at most.
    const off = (unit * span) / 2 + SLACK * (farthest + axes * largest ** 2)
    const bound = smallest(looks, Math.min(most, count)) + 2 * off
    const found: Near[] = []
    for (let n = 0; n < count; n++) {
      if (looks[n] > bound) continue
      found.push({ n, squared: squaredDistance(places, n * axes, place) })
    }
    return found.sort((a, b) => a.squared - b.squared || a.n - b.n).slice(0, most)
  }
}

/** The number at a place, from 1, among ascending ones. */
function smallest(values: Float64Array, place: number): number {
  const least = new Float64Array(place).fill(Number.POSITIVE_INFINITY)
  for (let n = 0; n < values.length; n++) {
    const value = values[n]
    if (value >= least[place - 1]) continue
    let at = place - 1
    for (; at > 0 && least[at - 1] > value; at--) least[at] = least[at - 1]
    least[at] = value
  }
  return least[place - 1]
}

/** |places[from …] − place|², or something larger than `most` once it is that. */
export function squaredDistance(
  places: ArrayLike<number>,
  from: number,
  place: Float64Array,
  most = Number.POSITIVE_INFINITY,
): number {
  let sum = 0
  for (let k = 0; k < place.length && sum < most; k++) sum += (places[from + k] - place[k]) ** 2
  return sum
}
