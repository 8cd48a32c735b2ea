// The table as CSV, with the columns of `crystal-onnx predict --csv`: a line a target, or a line with the error.

import { stringify } from 'csv-stringify/browser/esm/sync'
import type { Card } from '../../runtimes/card.ts'
import { formula } from '../../src/crystal/formula.ts'
import type { Entry } from '../state.ts'

const COLUMNS = [
  ...['file', 'index', 'formula', 'property', 'value', 'unit', 'low', 'high', 'domain', 'score', 'reasons'],
  ...['spread', 'device', 'ms', 'error'],
]

/** Text that a spreadsheet would run as a formula is marked as text. */
export function csvOf(entries: readonly Entry[], targets: Card['targets']): string {
  return stringify([COLUMNS, ...entries.flatMap((entry) => rows(entry, targets))], { escape_formulas: true })
}

function rows({ file, index, structure, result }: Entry, targets: Card['targets']): (string | number)[][] {
  const where = [file, index, structure ? formula(structure) : '']
  if (result.status === 'waiting') return []
  if (result.status === 'failed') {
    return [[...where, ...COLUMNS.slice(where.length, -1).map(() => ''), result.failure.message]]
  }
  const { values, domain, interval, spread, device, ms } = result.prediction
  const verdict = domain ? (domain.inside ? 'inside' : 'outside') : 'unknown'
  const trust = [verdict, domain?.score ?? '', domain?.reasons.join('; ') ?? '']
  return targets.map(({ name, unit }, t) => {
    const ends = [interval?.low[t] ?? '', interval?.high[t] ?? '']
    const of = [name, values[t], unit, ...ends, ...trust, spread?.[t] ?? '']
    return [...where, ...of, device, ms.toFixed(3), '']
  })
}

/** Gives a text to the user as a file. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
