// The page's worker: reads structure files, which takes long for thousands, and finds symmetries. What it has read goes
// to the page in batches: a small one first, so that something is to be seen, then larger ones.

import { failureOf } from '../../src/components/failure.ts'
import { symmetry } from '../../src/crystal/standardise.ts'
import { ParseError } from '../../src/errors.ts'
import { memoryOf, packed, type ReadRow } from '../crystals/batch.ts'
import type { Reply, Request } from './protocol.ts'
import { readSources, type Source } from './read.ts'

/** Milliseconds between two batches, and rows of one at most. */
const BATCH_MS = 60
const BATCH_ROWS = 250

/** Of the scope of a worker, which TypeScript's DOM library takes for a window. */
const scope = globalThis as unknown as {
  postMessage(reply: Reply, move: Transferable[]): void
  onmessage: (event: MessageEvent<Request>) => void
}
const stopped = new Set<number>()

scope.onmessage = async ({ data }) => {
  const { id } = data
  try {
    if (data.method === 'stop') stopped.add(id)
    else if (data.method === 'read') await read(id, data.sources, data.room)
    else scope.postMessage({ id, symmetry: await symmetry(data.structure) }, [])
  } catch (error) {
    scope.postMessage({ id, failure: failureOf(error) }, [])
  }
}

async function read(id: number, sources: readonly Source[], room: number): Promise<void> {
  let rows: ReadRow[] = []
  let sent = performance.now()
  const send = () => {
    if (rows.length === 0) return
    const batch = packed(rows)
    scope.postMessage({ id, batch }, memoryOf(batch))
    rows = []
    sent = performance.now()
  }
  let read = 0
  for await (const row of readSources(sources, room)) {
    read++
    rows.push(row)
    if (rows.length < BATCH_ROWS && performance.now() - sent < BATCH_MS) continue
    send()
    // Messages are heard between two tasks only.
    await new Promise((resolve) => setTimeout(resolve))
    if (stopped.delete(id)) break
  }
  send()
  if (read === 0) {
    const [{ listOfFormats }, { FORMATS }] = await Promise.all([
      import('../../src/crystal/formats/known.ts'),
      import('../../src/crystal/formats/table.ts'),
    ])
    const message = `no structure in it; expected ${listOfFormats(FORMATS)}`
    throw new ParseError(message, { file: sources[0].name })
  }
  scope.postMessage({ id, end: true }, [])
}
