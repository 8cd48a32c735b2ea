// The worker thread of node.ts: opens one session, answers runs in order, and ends when it is told to. Holds no policy.

import { parentPort, workerData } from 'node:worker_threads'
import { CrystalOnnxError } from '../src/errors.ts'
import type { RuntimeOptions } from './runtime.ts'
import { type Feeds, openSession, type Session } from './session.ts'

/** What node.ts sends: a run, or the wish to end. */
export type Request = { id: number; feeds: Feeds } | { id: number; end: true }
/** What comes back for the request of the same id; id 0 says that the session is open, or why not. */
export type Reply = { id: number; rows?: Float32Array; error?: { message: string; code: string } }

const port = parentPort!
const { bytes, options } = workerData as { bytes: Uint8Array; options: RuntimeOptions }

function reply(message: Reply): void {
  port.postMessage(message, message.rows ? [message.rows.buffer as ArrayBuffer] : [])
}

function failure(id: number, error: unknown): Reply {
  const { message } = error as Error
  return { id, error: { message, code: error instanceof CrystalOnnxError ? error.code : 'DEVICE' } }
}

async function answer(session: Session, request: Request): Promise<void> {
  if ('end' in request) {
    await session.release()
    reply({ id: request.id })
    port.close()
    return
  }
  try {
    reply({ id: request.id, rows: await session.run(request.feeds) })
  } catch (error) {
    reply(failure(request.id, error))
  }
}

try {
  const session = await openSession(bytes, options)
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: Request) => {
    last = last.then(() => answer(session, request))
  })
  reply({ id: 0 })
} catch (error) {
  reply(failure(0, error))
  port.close()
}
