// Keeps the predictions up to date: whenever there are structures that wait, the open model predicts them; whenever the
// model changes, all of them wait again.

import { failureOf } from '../failure.ts'
import type { Entry, PageStore, Result } from '../state.ts'

const WAITING: Result = { status: 'waiting' }
/** Results are shown together after so many milliseconds rather than one by one: the table is redrawn each time. */
const SHOW_MS = 80

export function keepPredicting(store: PageStore): void {
  let stop = new AbortController()
  let running = false

  store.watch(['model'], ({ model, entries }) => {
    stop.abort()
    stop = new AbortController()
    running = false
    if (!model) return
    store.update({
      entries: entries.map((entry) => (entry.structure ? { ...entry, result: WAITING } : entry)),
    })
    void run()
  })
  store.watch(['entries'], () => void run())

  /** Predicts until nothing waits. */
  async function run(): Promise<void> {
    const { signal } = stop
    if (running || !store.state.model) return
    running = true
    try {
      for (;;) {
        const waiting = store.state.entries.filter(({ result }) => result.status === 'waiting')
        if (waiting.length === 0) return
        await predict(waiting, signal)
        if (signal.aborted) return
      }
    } finally {
      if (!signal.aborted) running = false
    }
  }

  async function predict(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const { model } = store.state.model!
    const results = new Map<number, Result>()
    let shown = performance.now()
    const show = () => {
      if (signal.aborted) return
      const merged = store.state.entries.map((entry) => {
        const result = results.get(entry.id)
        return result ? { ...entry, result } : entry
      })
      results.clear()
      store.update({ entries: merged })
    }
    let at = 0
    try {
      for await (const outcome of model.predictMany(
        entries.map(({ structure }) => structure!),
        { signal },
      )) {
        at = outcome.index + 1
        const result: Result = outcome.error
          ? { status: 'failed', failure: failureOf(outcome.error) }
          : { status: 'done', prediction: outcome }
        results.set(entries[outcome.index].id, result)
        if (performance.now() - shown > SHOW_MS) {
          show()
          shown = performance.now()
        }
      }
    } catch (error) {
      // The device failed: nothing more will come.
      const failure = failureOf(error)
      for (const { id } of entries.slice(at)) results.set(id, { status: 'failed', failure })
    }
    show()
  }
}
