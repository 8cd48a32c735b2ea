// Keeps the predictions up to date: whenever there are structures that wait, the open model predicts them; whenever the
// model changes, all of them wait again. Crystals are unpacked a chunk at a time, the first chunks small, so that
// thousands give their first values as soon as one does.

import type { Model } from '../../runtimes/model.ts'
import { failureOf } from '../../src/components/failure.ts'
import type { CrystalTable, Result } from '../crystals/table.ts'
import { modelKey } from '../model/catalogue.ts'
import { type PageStore, tellOfCrystals } from '../state.ts'

/** Structures of a chunk: the first, and at most. */
const CHUNK = { first: 8, most: 256 }
/** Chunks under way: while one ends, the workers have the next. */
const AHEAD = 3
/** Results are shown together after so many milliseconds rather than one by one. */
const SHOW_MS = 250
/** Structures that are unpacked before the page gets a turn. */
const TURN = 32

export function keepPredicting(store: PageStore): void {
  let stop = new AbortController()
  let running = false
  let { table } = store.state.crystals

  function halt(): void {
    stop.abort()
    stop = new AbortController()
    running = false
    store.update({ predicting: undefined })
  }

  store.watch(['model'], ({ model }) => {
    halt()
    if (!model) return
    const key = modelKey(model.source)
    // Results of the last visit, by the same model, stay.
    if (table.predictedBy !== key) table.reset()
    table.predictedBy = key
    store.update({ stopped: false })
    tellOfCrystals(store)
  })
  store.watch(['crystals'], ({ crystals }) => {
    if (crystals.table !== table) halt()
    table = crystals.table
    const { model } = store.state
    if (model) table.predictedBy ??= modelKey(model.source)
    void run()
  })
  store.watch(['stopped'], ({ stopped }) => {
    if (stopped) halt()
    else void run()
  })

  /** Predicts until nothing waits. */
  async function run(): Promise<void> {
    const { signal } = stop
    const { model, stopped } = store.state
    if (running || stopped || !model || table.counts.waiting === 0) return
    running = true
    const show = shown(store, table, signal)
    const underWay = new Set<Promise<void>>()
    let next = 0
    let size = CHUNK.first
    for (;;) {
      const rows = rowsThatWait(table, next, size)
      if (rows.length === 0 || signal.aborted) {
        if (underWay.size === 0) break
        await Promise.race(underWay)
        continue
      }
      next = rows.at(-1)! + 1
      size = Math.min(CHUNK.most, 2 * size)
      const chunk: Promise<void> = predict(model.model, rows, signal, show).finally(() =>
        underWay.delete(chunk),
      )
      underWay.add(chunk)
      if (underWay.size === AHEAD) await Promise.race(underWay)
    }
    if (signal.aborted) return
    running = false
    show.end()
  }

  async function predict(model: Model, rows: readonly number[], signal: AbortSignal, show: Shown) {
    let at = 0
    try {
      const structures = []
      for (const [n, row] of rows.entries()) {
        structures.push(table.structure(row))
        if (n % TURN === TURN - 1) await new Promise((resolve) => setTimeout(resolve))
      }
      for await (const outcome of model.predictMany(structures, { signal })) {
        at = outcome.index + 1
        show(
          rows[outcome.index],
          outcome.error
            ? { status: 'failed', failure: failureOf(outcome.error) }
            : { status: 'done', prediction: outcome },
        )
      }
    } catch (error) {
      // The device failed: nothing more will come.
      const failure = failureOf(error)
      for (const row of rows.slice(at)) show(row, { status: 'failed', failure })
    }
  }
}

function rowsThatWait(table: CrystalTable, from: number, most: number): number[] {
  const rows: number[] = []
  for (
    let row = table.nextWaiting(from);
    row !== undefined && rows.length < most;
    row = table.nextWaiting(row + 1)
  ) {
    rows.push(row)
  }
  return rows
}

interface Shown {
  (row: number, result: Result): void
  end(): void
}

/** Puts results into the table, and says from time to time that there are some, and how fast they come. */
function shown(store: PageStore, table: CrystalTable, signal: AbortSignal): Shown {
  const start = performance.now()
  let last = start
  let done = 0
  const tell = () => {
    last = performance.now()
    const seconds = (last - start) / 1000
    const progress = {
      done,
      total: done + table.counts.waiting,
      ...(seconds > 0.5 && { rate: done / seconds }),
    }
    store.update({ predicting: progress, crystals: { table } })
  }
  const show = (row: number, result: Result) => {
    if (signal.aborted) return
    table.settle(row, result)
    done++
    if (performance.now() - last > SHOW_MS || done === 1) tell()
  }
  return Object.assign(show, {
    end: () => {
      if (!signal.aborted) store.update({ predicting: undefined, crystals: { table } })
    },
  })
}
