// The crystals of the page with what became of them: rows that are appended and settled, never moved. It is changed in
// place, because copies of thousands of rows for every result would take longer than the results.

import type { Prediction } from '../../runtimes/predict.ts'
import type { Failure } from '../../src/components/failure.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { type Batch, sitesOf, unpacked } from './batch.ts'

/** What became of one structure. */
export type Result =
  | { readonly status: 'waiting' }
  | { readonly status: 'done'; readonly prediction: Prediction }
  | { readonly status: 'failed'; readonly failure: Failure }

export type Status = Result['status']

/** One row with its crystal. The same object as long as nothing of the row has changed. */
export interface Entry {
  /** place in the table, from 0 */
  readonly row: number
  readonly file: string
  /** within the file, from 0 */
  readonly index: number
  readonly structure?: Structure
  readonly warnings: readonly string[]
  readonly labels?: Readonly<Record<string, number>>
  readonly result: Result
}

/** What the table shows of a row; its crystal is not unpacked for it. */
export interface Row extends Omit<Entry, 'structure'> {
  readonly formula: string
  readonly reduced: string
  readonly atoms: number
}

export interface CrystalTable {
  readonly count: number
  /** rows by what became of them */
  readonly counts: Readonly<Record<Status, number>>
  /** names of all labels, in the order in which they came */
  readonly labelNames: readonly string[]
  /** structures that have labels */
  readonly labelled: number
  /** the predicted value of every row, of the first target; NaN where there is none */
  readonly values: readonly number[]
  /** what was appended */
  readonly batches: readonly Batch[]
  /** the model (its key) that gave the results */
  predictedBy: string | undefined
  append(batch: Batch): void
  row(row: number): Row
  /** That of the row which is looked at: one is remembered. */
  entry(row: number): Entry
  /** The crystal of a row that has one, unpacked. */
  structure(row: number): Structure
  result(row: number): Result
  file(row: number): string
  atoms(row: number): number
  label(row: number, name: string): number | undefined
  /** Of rows that have a structure only. */
  settle(row: number, result: Result): void
  /** Every structure waits again, for another model. */
  reset(): void
  /** First row from `from` on that waits; undefined when none does. */
  nextWaiting(from: number): number | undefined
}

const WAITING: Result = { status: 'waiting' }

export function crystalTable(): CrystalTable {
  const batches: Batch[] = []
  /** of every row: its batch, and its place there */
  const batchOf: number[] = []
  const placeOf: number[] = []
  const results: Result[] = []
  const values: number[] = []
  const counts: Record<Status, number> = { waiting: 0, done: 0, failed: 0 }
  const labelNames = new Set<string>()
  let labelled = 0
  let last: Entry | undefined

  function set(row: number, result: Result): void {
    if (results[row]) counts[results[row].status]--
    counts[result.status]++
    results[row] = result
    values[row] = result.status === 'done' ? result.prediction.value : Number.NaN
  }
  const where = (row: number) => [batches[batchOf[row]], placeOf[row]] as const

  function shared(row: number): Omit<Entry, 'structure'> {
    const [batch, at] = where(row)
    const [file, index, warnings, labels] = [
      batch.files[at],
      batch.index[at],
      batch.warnings[at],
      batch.labels[at],
    ]
    return { row, file, index, warnings, labels, result: results[row] }
  }

  return {
    get count() {
      return results.length
    },
    counts,
    values,
    batches,
    predictedBy: undefined,
    get labelled() {
      return labelled
    },
    get labelNames() {
      return [...labelNames]
    },
    append(batch) {
      batches.push(batch)
      for (const [at, failure] of batch.failures.entries()) {
        batchOf.push(batches.length - 1)
        placeOf.push(at)
        set(results.length, failure ? { status: 'failed', failure } : WAITING)
        for (const name in batch.labels[at]) labelNames.add(name)
        if (batch.labels[at] && !failure) labelled++
      }
    },
    row(row) {
      const [batch, at] = where(row)
      return {
        ...shared(row),
        formula: batch.formulas[at],
        reduced: batch.reduced[at],
        atoms: sitesOf(batch, at),
      }
    },
    entry(row) {
      if (last?.row === row && last.result === results[row]) return last
      const [batch, at] = where(row)
      // Another result is another entry, of the same crystal.
      const known = last?.row === row ? last.structure : undefined
      const structure = known ?? (sitesOf(batch, at) > 0 ? unpacked(batch, at) : undefined)
      last = { ...shared(row), structure }
      return last
    },
    structure: (row) => unpacked(...where(row)),
    result: (row) => results[row],
    file: (row) => batches[batchOf[row]].files[placeOf[row]],
    atoms: (row) => sitesOf(batches[batchOf[row]], placeOf[row]),
    label: (row, name) => batches[batchOf[row]].labels[placeOf[row]]?.[name],
    settle: set,
    reset() {
      for (const row of results.keys()) if (sitesOf(...where(row)) > 0) set(row, WAITING)
    },
    nextWaiting(from) {
      for (let row = from; row < results.length; row++) if (results[row] === WAITING) return row
      return undefined
    },
  }
}
