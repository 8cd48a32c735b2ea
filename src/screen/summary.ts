// What came of a screening, made from the finished parts alone, so that it is right whatever happened on the way: how many
// crystals of which kind, a histogram of the predictions, and the best of them. HTML for people, CSV for everything else.

import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import type { Card } from '../../runtimes/card.ts'
import { PlatformError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { withMissingPackage } from '../missing-package.ts'
import { figure, html, page, section, table, tiles } from '../report/html.ts'
import { countedHistogram } from '../report/plots.ts'
import type { Column } from './columns.ts'
import type { PartRecord } from './manifest.ts'
import { type ResultRow, resultRows } from './results.ts'
import type { Format } from './sink.ts'
import { type Best, Top } from './top.ts'

export interface SummaryOptions {
  readonly format: Format
  /** How many of the best are listed. */
  readonly top: number
  /** Whether high values are the best. */
  readonly highest: boolean
}

export interface Summary {
  readonly read: number
  readonly rows: number
  readonly failed: number
  /** Of the failures, by their code, where the results have it. */
  readonly errors: Readonly<Record<string, number>>
  /** Outside of the domain of the model, where the results say so. */
  readonly outside: number
  readonly values:
    | { readonly count: number; readonly low: number; readonly high: number; readonly mean: number }
    | undefined
  readonly files: readonly string[]
}

interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

const BINS = 40

/** @throws ScreenError for a part that cannot be read; OutputError */
export async function writeSummary(
  folder: string,
  records: readonly PartRecord[],
  columns: readonly Column[],
  card: Card,
  { format, top: most, highest }: SummaryOptions,
  signal?: AbortSignal,
): Promise<Summary> {
  const shown = columns.filter(({ type }) => type !== 'vectors' && type !== 'integers')
  const names = shown.map(({ name }) => name)
  const top = new Top<ResultRow>(most, highest)
  const errors: Record<string, number> = {}
  const range = { count: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, sum: 0 }
  let outside = 0
  for (const record of records) {
    signal?.throwIfAborted()
    for await (const row of resultRows(folder, record, format, names)) {
      const { value, error_code: code, domain } = row
      if (typeof code === 'string') errors[code] = (errors[code] ?? 0) + 1
      if (domain === false) outside++
      if (typeof value !== 'number') continue
      top.add(value, () => row)
      range.count++
      range.sum += value
      range.low = Math.min(range.low, value)
      range.high = Math.max(range.high, value)
    }
  }
  const { count, low, high, sum } = range
  const values = count > 0 ? { count, low, high, mean: sum / count } : undefined
  const bins = values ? await binned(folder, records, format, values) : []
  const total = (of: (record: PartRecord) => number) => records.reduce((sum, record) => sum + of(record), 0)
  const counts = {
    read: total(({ read }) => read),
    rows: total(({ rows }) => rows),
    failed: total(({ failed }) => failed),
  }
  const files = ['summary.html', ...(values ? ['best.csv', 'histogram.csv'] : [])].map((name) =>
    join(folder, name),
  )
  const summary: Summary = { ...counts, errors, outside, values, files }
  if (values) {
    await writeWhole(
      files[1],
      csv(
        names,
        top.best.map(({ row }) => names.map((name) => row[name])),
      ),
    )
    await writeWhole(
      files[2],
      csv(
        ['from', 'to', 'crystals'],
        bins.map(({ from, to, count }) => [from, to, count]),
      ),
    )
  }
  await writeWhole(files[0], await summaryPage(summary, { bins, best: top.best, names, card, highest }))
  return summary
}

function csv(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return stringify([[...head], ...rows.map((row) => [...row])], {
    escape_formulas: true,
    cast: { boolean: String },
  })
}

async function binned(
  folder: string,
  records: readonly PartRecord[],
  format: Format,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<Bin[]> {
  const counts = new Array<number>(high > low ? BINS : 1).fill(0)
  const width = (high - low) / counts.length
  for (const record of records) {
    for await (const { value } of resultRows(folder, record, format, ['value'])) {
      if (typeof value !== 'number') continue
      counts[width > 0 ? Math.min(counts.length - 1, Math.floor((value - low) / width)) : 0]++
    }
  }
  return counts.map((count, n) => ({ from: low + n * width, to: low + (n + 1) * width, count }))
}

async function summaryPage(
  { read, rows, failed, errors, outside, values }: Summary,
  {
    bins,
    best,
    names,
    card,
    highest,
  }: {
    readonly bins: readonly Bin[]
    readonly best: readonly Best<ResultRow>[]
    readonly names: readonly string[]
    readonly card: Card
    readonly highest: boolean
  },
): Promise<string> {
  const [{ name, unit }] = card.targets
  const share = (count: number) => `${((100 * count) / Math.max(1, read)).toFixed(1)} % of all`
  const whole = (count: number) => count.toLocaleString('en')
  return page({
    title: `Screening: ${name}`,
    lead: `${whole(read)} crystals; ${whole(rows)} rows of results.`,
    body: [
      tiles([
        { label: 'crystals', value: whole(read) },
        { label: 'failed', value: whole(failed), note: share(failed) },
        { label: 'left out by the filter', value: whole(read - rows), note: share(read - rows) },
        { label: 'outside of the domain', value: whole(outside), note: share(outside) },
        ...(values ? [{ label: `mean ${name}`, value: values.mean.toPrecision(4), unit }] : []),
      ]),
      values
        ? section(
            'Predictions',
            await drawn(
              countedHistogram({ x: `${name} (${unit})`, y: 'crystals', bins }),
              `${whole(values.count)} predictions from ${values.low.toPrecision(4)} to ${values.high.toPrecision(4)} ${unit}.`,
            ),
          )
        : '',
      best.length > 0
        ? section(
            `The ${whole(best.length)} ${highest ? 'highest' : 'lowest'}`,
            table(
              names,
              best.slice(0, SHOWN).map(({ row }) => names.map((name) => cellOf(row[name]))),
            ),
          )
        : '',
      Object.keys(errors).length > 0
        ? section(
            'Failures',
            table(
              ['code', 'crystals'],
              Object.entries(errors).map(([code, count]) => [code, count]),
            ),
          )
        : html``,
    ],
  })
}

/** A machine that only screens need not have what draws: then the page says so, and the numbers are in their file. */
async function drawn(plot: ReturnType<typeof countedHistogram>, caption: string) {
  try {
    return figure(await plot, caption)
  } catch (error) {
    const missing = withMissingPackage(error)
    if (!(missing instanceof PlatformError)) throw error
    return html`<p>${caption} The numbers are in histogram.csv: ${missing.message}</p>`
  }
}

/** Rows of the best that a page shows; the file has all. */
const SHOWN = 200

function cellOf(value: unknown): string | number {
  if (typeof value === 'number') return value
  return value === null || value === undefined ? '' : String(value)
}
