// The page's end of its worker, which starts with the page.

import type { Failure } from '../../src/components/failure.ts'
import type { Symmetry } from '../../src/crystal/standardise.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Batch } from '../crystals/batch.ts'
import type { Reply, Request } from './protocol.ts'
import type { Source } from './read.ts'

/** A request before it gets its number. */
type Call = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never
type Listener = (reply: Reply) => void

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'crystals' })
const listeners = new Map<number, Listener>()
let nextId = 0

worker.onmessage = ({ data }: MessageEvent<Reply>) => listeners.get(data.id)?.(data)
worker.onerror = (event) => {
  event.preventDefault()
  const failure = {
    code: 'INTERNAL',
    message: `the worker that reads files stopped: ${event.message}; reload the page`,
  }
  for (const [id, listener] of listeners) listener({ id, failure })
}

function ask(call: Call, listener: Listener): number {
  const id = nextId++
  listeners.set(id, listener)
  worker.postMessage({ id, ...call })
  return id
}

/**
 * Reads sources; `take` gets every batch of rows. Resolves when all is read, or `signal` is aborted.
 * @returns what went wrong with the reading as a whole
 */
export function readCrystals(
  sources: readonly Source[],
  room: number,
  take: (batch: Batch) => void,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const id = ask({ method: 'read', sources, room }, (reply) => {
      if ('batch' in reply) return take(reply.batch)
      listeners.delete(id)
      resolve('failure' in reply ? reply.failure : undefined)
    })
    signal.addEventListener('abort', () => {
      if (!listeners.delete(id)) return
      worker.postMessage({ id, method: 'stop' })
      resolve(undefined)
    })
  })
}

/** The symmetry of a crystal, or why there is none. */
export function symmetryOf({ lattice, frac, species }: Structure): Promise<Symmetry | Failure> {
  return new Promise((resolve) => {
    const id = ask({ method: 'symmetry', structure: { lattice, frac, species } }, (reply) => {
      listeners.delete(id)
      if ('symmetry' in reply) resolve(reply.symmetry)
      else if ('failure' in reply) resolve(reply.failure)
    })
  })
}
