// Where an element stands in the periodic table of 18 columns, with the f elements in two rows below.

export const GROUPS: readonly number[] = Array.from({ length: 18 }, (_, n) => n + 1)
/** Seven periods, a gap, lanthanides, actinides. */
export const PERIODS: readonly number[] = Array.from({ length: 10 }, (_, n) => n + 1)

/** First atomic number of each period. */
const PERIOD_STARTS = [1, 3, 11, 19, 37, 55, 87, 119]
const F_ROWS: Record<number, number> = { 6: 9, 7: 10 }

/** Row and column, both from 1, of atomic number `z` in 1 … 118. */
export function cellOf(z: number): { row: number; column: number } {
  const period = PERIOD_STARTS.findIndex((start) => start > z)
  const place = z - PERIOD_STARTS[period - 1]
  const length = PERIOD_STARTS[period] - PERIOD_STARTS[period - 1]
  // Counted from the left up to the s block, from the right beyond it.
  const fromRight = 18 - (length - 1 - place)
  if (place < 2 && z !== 2) return { row: period, column: place + 1 }
  // Periods 6 and 7 have the 14 f elements La–Yb, Ac–No between groups 2 and 3.
  if (length === 32 && place < 16) return { row: F_ROWS[period], column: place + 2 }
  return { row: period, column: fromRight }
}

/** Group 1 to 18 of atomic number `z`; the f elements count as group 3. */
export function groupOf(z: number): number {
  const { row, column } = cellOf(z)
  return Object.values(F_ROWS).includes(row) ? 3 : column
}
