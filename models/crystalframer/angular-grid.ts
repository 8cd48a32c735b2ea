// The grid of angular Gaussians, and the coarse and fine factors whose products span it. Plain numbers; the tensors are
// in angular.ts, the choice and its measurements in docs/decisions/007-angular-basis.md.

import { leastSquares } from '../../src/math/least-squares.ts'
import type { CrystalframerConfig } from '../attention/config.ts'

/** Centres ν_t = −1 + 2t/(Ka − 1), or t/(Ka − 1) of |cos|; σ = s_ang steps. */
export interface AngularGrid {
  readonly width: number
  readonly centres: readonly number[]
  /** middle of the range of u */
  readonly middle: number
}

/**
 * Factors in x = (u − middle)/σ. The cell (α, β) of an image at x is
 *
 *     e^lift·e^(−x²/2)·e^(x·c_α)·e^(x·f_β),
 *
 * a Gaussian about c_α + f_β but for a constant. With bins, x counts from the middle c_α of the bin that it is in, and
 * instead of e^(x·c_α) stands 1 for this bin and 0 for all others: a Gaussian about c_α + f_β for x in bin α.
 */
export interface AngularFactors {
  readonly coarse: readonly number[]
  readonly fine: readonly number[]
  /** width of a bin; undefined where the coarse factor is an exponential */
  readonly bin: number | undefined
  readonly lift: number
  /** the Gaussians of the grid by the cells, [Ka, α·β], β fastest */
  readonly table: readonly Float64Array[]
}

/**
 * Spacing of Gaussians that span all others of their width, and how far they go beyond the range of u, in σ: to 2e-7,
 * which is less than what rounding the exponents does.
 */
const SPACING = 0.58
const MARGIN = 1.1
/** Points a Gaussian at which the span is fitted. */
const POINTS = 8
/** A bin has the Gaussians up to this many σ beyond it: e^−16 = 1e-7. */
const REACH = 5.7
/** Smaller attention weights are cut. */
export const SMALLEST_SHARE = 1e-10
const LOG_SHARE = Math.log(SMALLEST_SHARE)
/** Exponents between these are normal numbers of float32, and so are sums of a few hundred. */
const LEAST = -87
const LARGEST = 80
/** Passes over the images that a row of a factor takes: its exponent, the exponential, and the weight of the coarse one. */
const COARSE_PASSES = 3
const FINE_PASSES = 2

export function angularGrid(config: CrystalframerConfig): AngularGrid {
  const { value_pe_angle_real: count, value_pe_angle_wscale: scale, cos_abs } = config
  const [from, range] = cos_abs ? [0, 1] : [-1, 2]
  const step = range / (count - 1)
  const centres = Array.from({ length: count }, (_, t) => from + t * step)
  return { width: scale * step, centres, middle: from + range / 2 }
}

const made = new WeakMap<CrystalframerConfig, AngularFactors>()

/** The factors with the fewest passes whose numbers stay in the range of float32. */
export function angularFactors(config: CrystalframerConfig): AngularFactors {
  let factors = made.get(config)
  if (!factors) {
    const grid = inWidths(angularGrid(config))
    made.set(config, (factors = exponentials(grid) ?? bins(grid)))
  }
  return factors
}

interface Centres {
  readonly centres: readonly number[]
  /** half of the range of x */
  readonly half: number
  readonly step: number
}

/** In σ, about the middle. */
function inWidths({ width, centres, middle }: AngularGrid): Centres {
  const scaled = centres.map((centre) => (centre - middle) / width)
  return { centres: scaled, half: scaled[scaled.length - 1], step: scaled[1] - scaled[0] }
}

/** Coarse exponentials, on a grid of our own where it has fewer Gaussians; undefined where they would overflow. */
function exponentials({ centres, half, step }: Centres): AngularFactors | undefined {
  const reach = 2 * (half + MARGIN)
  const spanned = Math.ceil(reach / SPACING + 1)
  const isOurs = spanned < centres.length
  const [coarseCount, fineCount] = cheapest(isOurs ? spanned : centres.length)
  const cells = coarseCount * fineCount
  const spacing = isOurs ? reach / (cells - 1) : step
  const coarse = isOurs ? around(coarseCount, fineCount * spacing) : blocks(centres, fineCount, coarseCount)
  const fine = around(fineCount, spacing)
  const products = coarse.flatMap((c) => fine.map((f) => c + f))
  const [first, last] = [coarse[0], coarse[coarseCount - 1]].map(Math.abs)
  // A cell is least where the image and its centre are at opposite ends, and largest at the last centre.
  const least = -half * (Math.max(first, last) + half / 2)
  const lift = Math.max(0, LEAST - LOG_SHARE - least)
  const farthest = Math.max(half, ...products)
  if (lift + half * (farthest - half / 2) > LARGEST) return undefined
  const spans = isOurs ? spanning(centres, products, half) : identity(centres.length, cells)
  const table = spans.map((row) => row.map((x, n) => x * Math.exp(-(products[n] ** 2) / 2 - lift)))
  return { coarse, fine, bin: undefined, lift, table }
}

/** Bins of whole channels, each with the Gaussians that reach into it. */
function bins({ centres, step }: Centres): AngularFactors {
  const beyond = Math.ceil(REACH / step - 0.5)
  const coarseCount = (channels: number) => Math.ceil(centres.length / channels)
  const fineCount = (channels: number) => channels + 2 * beyond
  const passes = (channels: number) =>
    COARSE_PASSES * coarseCount(channels) + FINE_PASSES * fineCount(channels)
  const fits = (channels: number) => {
    const half = (channels * step) / 2
    return channels === 1 || half * (half + REACH) < LARGEST / 2
  }
  const channels = centres
    .map((_, n) => n + 1)
    .filter(fits)
    .reduce((a, b) => (passes(b) < passes(a) ? b : a))
  const coarse = blocks(centres, channels, coarseCount(channels))
  const fine = around(fineCount(channels), step)
  const table = centres.map((_, t) =>
    Float64Array.from(
      coarse.flatMap((_, alpha) =>
        fine.map((f, beta) => (t === alpha * channels + beta - beyond ? Math.exp(-(f ** 2) / 2) : 0)),
      ),
    ),
  )
  return { coarse, fine, bin: channels * step, lift: 0, table }
}

/** [coarse, fine] with at least `cells` products and the fewest passes. */
function cheapest(cells: number): [number, number] {
  const all = Array.from({ length: cells }, (_, n): [number, number] => [n + 1, Math.ceil(cells / (n + 1))])
  const passes = ([coarse, fine]: [number, number]) => COARSE_PASSES * coarse + FINE_PASSES * fine
  return all.reduce((a, b) => (passes(b) < passes(a) ? b : a))
}

/** Middles of blocks of `size` centres, from the first one on. */
function blocks(centres: readonly number[], size: number, count: number): number[] {
  const step = centres[1] - centres[0]
  return Array.from({ length: count }, (_, n) => centres[0] + (n * size + (size - 1) / 2) * step)
}

/** `count` numbers about zero. */
function around(count: number, spacing: number): number[] {
  return Array.from({ length: count }, (_, n) => (n - (count - 1) / 2) * spacing)
}

/** Gaussians at `centres` by Gaussians at `others`, for |x| ≤ half. */
function spanning(centres: readonly number[], others: readonly number[], half: number): Float64Array[] {
  const intervals = POINTS * others.length
  const points = Array.from({ length: intervals + 1 }, (_, n) => half * ((2 * n) / intervals - 1))
  const gaussians = (at: readonly number[]) =>
    at.map((c) => Float64Array.from(points, (x) => Math.exp(-((x - c) ** 2) / 2)))
  return leastSquares(gaussians(others), gaussians(centres))
}

function identity(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, (_, t) =>
    Float64Array.from({ length: columns }, (_, n) => (n === t ? 1 : 0)),
  )
}
