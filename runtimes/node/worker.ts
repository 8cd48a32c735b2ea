// The worker thread of open.ts: opens one session, answers runs in order, and ends when it is told to. Holds no policy.

import { parentPort, workerData } from 'node:worker_threads'
import { sentError } from '../sent-error.ts'
import { buffersOf, type Session } from '../session.ts'
import { openSession } from './session.ts'
import { BUSY, LEAVE, type Reply, type Request, type WorkerData } from './worker-protocol.ts'

const port = parentPort!
const { bytes, options, flags } = workerData as WorkerData

function reply(message: Reply): void {
  port.postMessage(message, buffersOf(message.outputs ?? {}))
}

/** Does `work` unless the process is about to exit, and tells the main thread while it lasts. */
async function busy(work: () => Promise<void>): Promise<void> {
  Atomics.store(flags, BUSY, 1)
  if (Atomics.load(flags, LEAVE) === 0) await work()
  Atomics.store(flags, BUSY, 0)
  Atomics.notify(flags, BUSY)
}

async function answer(session: Session, request: Request): Promise<void> {
  const { id } = request
  if ('end' in request) {
    await session.release()
    reply({ id })
    port.close()
    return
  }
  try {
    reply({ id, outputs: await session.run(request.feeds, request.outputs) })
  } catch (error) {
    reply({ id, error: sentError(error) })
  }
}

await busy(async () => {
  try {
    const session = await openSession(bytes, options)
    let last: Promise<void> = Promise.resolve()
    port.on('message', (request: Request) => {
      last = last.then(() => busy(() => answer(session, request)))
    })
    reply({ id: 0 })
  } catch (error) {
    reply({ id: 0, error: sentError(error) })
    port.close()
  }
})
