// Which rows of the table are shown, and in which order: searched, filtered and sorted, as a list of row numbers.

import { atomicNumber } from '../../src/crystal/elements.ts'
import { reducedFormula } from '../../src/crystal/formula.ts'
import type { CrystalTable, Row } from '../crystals/table.ts'

export type Column = 'file' | 'formula' | 'atoms' | 'value' | 'verdict'
export type Verdict = 'inside' | 'outside' | 'unknown' | 'failed' | 'waiting'

export interface Choice {
  /** words of a file name or formula, or elements: `TiO2`, `Ti O`, `rutile` */
  readonly search: string
  readonly verdict: Verdict | undefined
  /** key of a group of failures (failures.ts) */
  readonly cause: string | undefined
  /** lower and upper end of the value */
  readonly range: readonly [number, number] | undefined
  readonly sort: Column | undefined
  readonly descending: boolean
}

export const EVERYTHING: Choice = {
  search: '',
  verdict: undefined,
  cause: undefined,
  range: undefined,
  sort: undefined,
  descending: false,
}

/** From what can be trusted to what there is none of. */
const VERDICTS: readonly Verdict[] = ['inside', 'unknown', 'outside', 'waiting', 'failed']

export function verdictOf({ result }: Pick<Row, 'result'>): Verdict {
  if (result.status !== 'done') return result.status
  const { domain } = result.prediction
  return !domain ? 'unknown' : domain.inside ? 'inside' : 'outside'
}

/** Row numbers in the order that is asked for. @param causeOf key of the cause of a failure */
export function ordered(
  table: CrystalTable,
  { search, verdict, cause, range, sort, descending }: Choice,
  causeOf: (row: Row) => string | undefined,
): number[] {
  const matches = matcher(search)
  const rows: Row[] = []
  for (let n = 0; n < table.count; n++) {
    const row = table.row(n)
    if (!matches(row)) continue
    if (verdict && verdictOf(row) !== verdict) continue
    if (cause !== undefined && causeOf(row) !== cause) continue
    if (range && !(table.values[n] >= range[0] && table.values[n] <= range[1])) continue
    rows.push(row)
  }
  if (sort) rows.sort(comparing(table, sort, descending))
  return rows.map(({ row }) => row)
}

function comparing(
  { values }: CrystalTable,
  column: Column,
  descending: boolean,
): (a: Row, b: Row) => number {
  const sign = descending ? -1 : 1
  const text = (of: (row: Row) => string) => (a: Row, b: Row) => sign * ORDER.compare(of(a), of(b))
  switch (column) {
    case 'file':
      return (a, b) => sign * (ORDER.compare(a.file, b.file) || a.index - b.index)
    case 'formula':
      return text(({ reduced }) => reduced)
    case 'atoms':
      return (a, b) => sign * (a.atoms - b.atoms)
    case 'verdict':
      return (a, b) => sign * (VERDICTS.indexOf(verdictOf(a)) - VERDICTS.indexOf(verdictOf(b)))
    case 'value':
      // Rows without a value are last both ways.
      return (a, b) => {
        const [x, y] = [values[a.row], values[b.row]]
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
        return sign * (x - y)
      }
  }
}

const ORDER = new Intl.Collator('en', { numeric: true })

/** Whether a row is what is searched for. */
function matcher(search: string): (row: Row) => boolean {
  const text = search.trim().toLowerCase()
  if (text === '') return () => true
  const elements = elementsIn(search)
  const whole = formulaOf(search.trim())
  return ({ file, reduced, formula }) => {
    if (file.toLowerCase().includes(text) || reduced.toLowerCase() === text) return true
    if (whole !== undefined) return reduced === whole
    const present: string[] = formula.match(/[A-Z][a-z]?/g) ?? []
    return elements?.every((symbol) => present.includes(symbol)) ?? false
  }
}

/** `Ti O`, `Ti-O` or `Ti, O`: symbols of elements that must all be there; also one alone. */
function elementsIn(search: string): string[] | undefined {
  const symbols = search.trim().split(/[\s,-]+/)
  return symbols.every((symbol) => atomicNumber(symbol) !== undefined) ? symbols : undefined
}

/** A formula in the order and with the counts of `reducedFormula`: `O2Ti` is `TiO2`. */
function formulaOf(text: string): string | undefined {
  if (!/^(?:[A-Z][a-z]?\d*){2,}$/.test(text)) return undefined
  const parts = [...text.matchAll(/([A-Z][a-z]?)(\d*)/g)].map(
    ([, symbol, count]) => [atomicNumber(symbol), Number(count || 1)] as const,
  )
  if (parts.some(([element, count]) => element === undefined || count < 1 || count > 1000)) return undefined
  const species = parts.flatMap(([element, count]) =>
    Array(count).fill([{ element: element as number, occupancy: 1 }]),
  )
  return reducedFormula({
    species,
    lattice: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    frac: [],
  })
}
