// The cheapest mixture: of some phases, which amounts make a composition with the least energy. A linear programme with a
// row an element, by the revised simplex method; the pure elements are its first basis, so that there is always one. Not
// here: which phases there are.

/** An energy an atom, and atomic fractions that add up to one, in the order of the rows. */
export interface Column {
  readonly fractions: readonly number[]
  readonly energy: number
}

/** Amounts by column, which add up to one; those that are not there are 0. */
export interface Mixture {
  readonly energy: number
  readonly amounts: ReadonlyMap<Column, number>
}

/** Of the largest energy: what a mixture must gain by another phase. */
const GAIN = 1e-12
/** Smaller pivots, and smaller amounts of the whole, are rounding. */
const ROUNDING = 1e-10
/** Steps after which the first column that gains is taken in place of the best: that cannot go in circles (Bland 1977). */
const CAREFUL = 200

/**
 * Minimises Σ λ_k·energy_k with Σ λ_k·fractions_k = target and λ ≥ 0.
 * @param target atomic fractions, all above 0
 * @param elements the pure elements, a column for each row in its order
 */
export function cheapestMixture(
  target: readonly number[],
  elements: readonly Column[],
  others: readonly Column[],
): Mixture {
  const columns = [...elements, ...others]
  const gain = GAIN * columns.reduce((most, { energy }) => Math.max(most, Math.abs(energy)), 1)
  const basis = elements.map((_, m) => m)
  for (let step = 0; ; step++) {
    // Solved anew in every step: there are few rows, and nothing adds up.
    const inverse = inverseOf(basis.map((k) => columns[k].fractions))
    const amounts = product(target, inverse)
    const prices = inverse.map((row) => row.reduce((sum, x, r) => sum + x * columns[basis[r]].energy, 0))
    const entering = bestOf(columns, prices, gain, step > CAREFUL)
    if (entering === undefined) {
      const kept = basis.flatMap((k, r) => (amounts[r] > ROUNDING ? [[columns[k], amounts[r]] as const] : []))
      return { energy: kept.reduce((sum, [{ energy }, x]) => sum + x * energy, 0), amounts: new Map(kept) }
    }
    basis[leavingOf(amounts, product(columns[entering].fractions, inverse), basis)] = entering
  }
}

/** The column that costs least against what the basis charges for its elements; undefined where none costs less. */
function bestOf(
  columns: readonly Column[],
  prices: readonly number[],
  gain: number,
  takesFirst: boolean,
): number | undefined {
  let best: number | undefined
  let least = -gain
  for (const [k, { energy, fractions }] of columns.entries()) {
    let cost = energy
    for (let m = 0; m < prices.length; m++) cost -= prices[m] * fractions[m]
    if (cost >= least) continue
    best = k
    least = cost
    if (takesFirst) break
  }
  return best
}

/** The row of the basis that is used up first. */
function leavingOf(amounts: readonly number[], used: readonly number[], basis: readonly number[]): number {
  let leaving = -1
  let least = Number.POSITIVE_INFINITY
  for (let r = 0; r < basis.length; r++) {
    if (used[r] <= ROUNDING) continue
    const ratio = Math.max(0, amounts[r]) / used[r]
    if (ratio > least || (ratio === least && basis[r] > basis[leaving])) continue
    leaving = r
    least = ratio
  }
  return leaving
}

/** v · M, for rows M. */
function product(v: readonly number[], rows: readonly (readonly number[])[]): number[] {
  return rows.map((_, c) => v.reduce((sum, x, r) => sum + x * rows[r][c], 0))
}

/** By Gauss and Jordan, with the largest pivots. */
function inverseOf(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const a = matrix.map((row, r) => [...row, ...row.map((_, c) => (r === c ? 1 : 0))])
  for (let c = 0; c < size; c++) {
    let pivot = c
    for (let r = c + 1; r < size; r++) if (Math.abs(a[r][c]) > Math.abs(a[pivot][c])) pivot = r
    ;[a[c], a[pivot]] = [a[pivot], a[c]]
    const scale = 1 / a[c][c]
    a[c] = a[c].map((x) => x * scale)
    for (let r = 0; r < size; r++) {
      if (r === c || a[r][c] === 0) continue
      const factor = a[r][c]
      a[r] = a[r].map((x, n) => x - factor * a[c][n])
    }
  }
  return a.map((row) => row.slice(size))
}
