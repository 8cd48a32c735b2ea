// The table as a file: CSV with the columns of `crystal-onnx predict --csv`, a line a target, or a line with the error;
// and JSON with what its `--json` says of every structure, in one array. Labels of the files go along in JSON.

import type { Card } from '../../runtimes/card.ts'
import { endsOf } from '../../src/domain/ends.ts'
import type { CrystalTable, Row } from '../crystals/table.ts'
import { part } from '../part.ts'
import type { PageStore } from '../state.ts'

const COLUMNS = [
  ...['file', 'index', 'formula', 'property', 'value', 'unit', 'low', 'high', 'domain', 'score', 'reasons'],
  ...['spread', 'device', 'ms', 'error'],
]
/** Rows that are written before the page gets a turn. */
const TURN = 200

export function exportButtons(store: PageStore): void {
  const give =
    (name: string, type: string, pieces: (table: CrystalTable, targets: Card['targets']) => Pieces) =>
    async () => {
      const { crystals, model } = store.state
      const written = await all(pieces(crystals.table, model?.model.card.targets ?? []))
      download(name, new Blob(written, { type }))
    }
  part('csv').addEventListener('click', give('predictions.csv', 'text/csv;charset=utf-8', csvPieces))
  part('json').addEventListener('click', give('predictions.json', 'application/json', jsonPieces))
}

type Pieces = AsyncGenerator<string, void, undefined>

async function all(pieces: Pieces): Promise<string[]> {
  const written: string[] = []
  for await (const piece of pieces) {
    written.push(piece)
    await new Promise((resolve) => setTimeout(resolve))
  }
  return written
}

/** Text that a spreadsheet would run as a formula is marked as text. */
async function* csvPieces(table: CrystalTable, targets: Card['targets']): Pieces {
  const { stringify } = await import('csv-stringify/browser/esm/sync')
  const csv = (rows: (string | number)[][]) => stringify(rows, { escape_formulas: true })
  yield csv([COLUMNS])
  for (const rows of slices(table)) yield csv(rows.flatMap((row) => csvRows(row, targets)))
}

function csvRows({ file, index, formula, result }: Row, targets: Card['targets']): (string | number)[][] {
  const where = [file, index, formula]
  if (result.status === 'waiting') return []
  if (result.status === 'failed') {
    return [[...where, ...COLUMNS.slice(where.length, -1).map(() => ''), result.failure.message]]
  }
  const { values, domain, interval, spread, device, ms } = result.prediction
  const verdict = domain ? (domain.inside ? 'inside' : 'outside') : 'unknown'
  const trust = [verdict, domain?.score ?? '', domain?.reasons.join('; ') ?? '']
  return targets.map(({ name, unit }, t) => {
    const ends = endsOf(interval, t) ?? ['', '']
    const of = [name, values[t], unit, ...ends, ...trust, spread?.[t] ?? '']
    return [...where, ...of, device, ms.toFixed(3), '']
  })
}

async function* jsonPieces(table: CrystalTable, targets: Card['targets']): Pieces {
  yield '[\n'
  let before = ''
  for (const rows of slices(table)) {
    const written = rows.flatMap((row) => jsonRow(row, targets) ?? [])
    if (written.length === 0) continue
    yield before + written.map((row) => JSON.stringify(row)).join(',\n')
    before = ',\n'
  }
  yield '\n]\n'
}

function jsonRow(
  { file, index, formula, labels, result }: Row,
  targets: Card['targets'],
): object | undefined {
  const where = { file, index, ...(formula && { formula }), ...(labels && { labels }) }
  if (result.status === 'waiting') return undefined
  if (result.status === 'failed') return { ...where, error: result.failure }
  const { values, domain, interval, spread, device, ms } = result.prediction
  const named = (of: readonly number[]) => Object.fromEntries(targets.map(({ name }, t) => [name, of[t]]))
  return {
    ...where,
    values: named(values),
    units: Object.fromEntries(targets.map(({ name, unit }) => [name, unit])),
    ...(interval && {
      interval: { level: interval.level, low: named(interval.low), high: named(interval.high) },
    }),
    ...(spread && { spread: named(spread) }),
    ...(domain && { domain }),
    ...{ device, ms },
  }
}

function* slices(table: CrystalTable): Generator<Row[]> {
  for (let at = 0; at < table.count; at += TURN) {
    yield Array.from({ length: Math.min(TURN, table.count - at) }, (_, n) => table.row(at + n))
  }
}

/** Gives a file to the user. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
