// Takes files or text into the state: what was there stays, an example gives way, and the first new structure is looked at.

import { failureOf } from '../../src/components/failure.ts'
import { LimitError } from '../../src/errors.ts'
import { readCrystals } from '../reading/client.ts'
import type { Source } from '../reading/read.ts'
import { emptied, lookAt, type PageStore } from '../state.ts'
import type { Example } from './examples.ts'
import { LIMITS } from './limits.ts'

/** What is being read: one after the other, so that rows of two drops do not mix. */
let before: Promise<unknown> = Promise.resolve()
let stop = new AbortController()

/** @param example the sources are one of the page's own */
export function take(store: PageStore, sources: readonly Source[], example?: Example): Promise<void> {
  if (sources.length === 0) return Promise.resolve()
  const { signal } = stop
  const taken = before.then(() => (signal.aborted ? undefined : takeNow(store, sources, example, signal)))
  before = taken
  return taken
}

/** Ends all reading. */
export function stopReading(): void {
  stop.abort()
  stop = new AbortController()
}

async function takeNow(
  store: PageStore,
  sources: readonly Source[],
  example: Example | undefined,
  signal: AbortSignal,
): Promise<void> {
  const kept = store.state.example ? 0 : store.state.crystals.table.count
  const room = LIMITS.structures - kept
  if (room <= 0) {
    const message = `the table holds ${LIMITS.structures} structures and no more; clear it first`
    return store.update({ refusal: failureOf(new LimitError(message)) })
  }
  store.update({ refusal: undefined, reading: 0 })
  let read = 0
  let looked = false
  const failure = await readCrystals(
    sources,
    room,
    (batch) => {
      // What was there goes when the first of the new is there: the page is never empty between the two.
      if (read === 0 && (example || store.state.example)) store.update({ ...emptied(), example })
      const { table } = store.state.crystals
      const first = table.count
      table.append(batch)
      read += batch.files.length
      const good = batch.failures.indexOf(undefined)
      const looks = !looked && (good >= 0 || read === batch.files.length)
      looked ||= good >= 0
      // At once: whatever shows something of it does so once.
      store.update({ crystals: { table }, ...(looks && lookAt(first + Math.max(0, good))), reading: read })
    },
    signal,
  )
  store.update({ reading: undefined, refusal: failure })
}
