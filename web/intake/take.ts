// Takes files or text into the state: what was there stays, examples give way, and the first new structure is looked at.

import { listOfFormats } from '../../src/crystal/formats/table.ts'
import { LimitError, ParseError } from '../../src/errors.ts'
import { failureOf } from '../failure.ts'
import type { Entry, PageStore } from '../state.ts'
import type { Example } from './examples.ts'
import { LIMITS } from './limits.ts'
import { readSources, type Source } from './read.ts'

/** New entries are shown together after so many milliseconds. */
const SHOW_MS = 100

export async function take(
  store: PageStore,
  sources: readonly Source[],
  example?: Pick<Example, 'known'>,
): Promise<void> {
  if (sources.length === 0) return
  const kept = store.state.entries.filter((entry) => !entry.example)
  const room = LIMITS.structures - kept.length
  if (room <= 0) {
    const message = `the table holds ${LIMITS.structures} structures and no more; clear it first`
    return store.update({ refusal: failureOf(new LimitError(message)) })
  }
  store.update({ refusal: undefined })
  const taken: Entry[] = []
  let shown = performance.now()
  const show = () => {
    const known = new Map(store.state.entries.map((entry) => [entry.id, entry]))
    const entries = [...kept, ...taken].map((entry) => known.get(entry.id) ?? entry)
    const first = taken.find(({ structure }) => structure) ?? taken[0]
    const isNew = !known.has(first.id)
    store.update({ entries, ...(isNew && lookAt(first.id)) })
  }
  for await (const entry of readSources(sources, room)) {
    taken.push(example ? { ...entry, example: true, known: example.known } : entry)
    if (performance.now() - shown > SHOW_MS) {
      show()
      shown = performance.now()
    }
  }
  if (taken.length > 0) return show()
  const message = `no structure in it; expected ${listOfFormats()}`
  store.update({ refusal: failureOf(new ParseError(message, { file: sources[0].name })) })
}

/** What changes when another entry is looked at. */
export function lookAt(selected: number | undefined) {
  return { selected, atom: undefined, attending: undefined, pointed: undefined }
}
