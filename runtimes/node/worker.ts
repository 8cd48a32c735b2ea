// The program of a host: opens one session, answers runs in order, and ends when it is told to. In a worker thread it
// talks to the thread that started it, in a process to the one at the other end of its channel. Holds no policy.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { sentError } from '../sent-error.ts'
import { buffersOf, type Session } from '../session.ts'
import { openSession } from './session.ts'
import {
  BUSY,
  LEAVE,
  type ProcessData,
  type Reply,
  type Request,
  type WorkerData,
} from './worker-protocol.ts'

/** The way back. */
interface Line {
  reply(message: Reply): void
  /** Work of onnxruntime goes through this. */
  busy(work: () => Promise<void>): Promise<void>
  onRequest(listener: (request: Request) => void): void
  close(): void
}

function threadLine(port: MessagePort, flags: Int32Array): Line {
  return {
    reply: (message) => port.postMessage(message, buffersOf(message.outputs ?? {})),
    /** Does `work` unless the process is about to exit, and tells the main thread while it lasts. */
    async busy(work) {
      Atomics.store(flags, BUSY, 1)
      if (Atomics.load(flags, LEAVE) === 0) await work()
      Atomics.store(flags, BUSY, 0)
      Atomics.notify(flags, BUSY)
    },
    onRequest: (listener) => port.on('message', listener),
    close: () => port.close(),
  }
}

function processLine(): Line {
  // An interrupt at a terminal goes to every process of its group; this one ends when its parent lets go of it.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  process.on('error', () => process.exit())
  return {
    reply: (message) => process.send!(message),
    busy: (work) => work(),
    onRequest: (listener) => process.on('message', listener),
    close: () => process.disconnect(),
  }
}

async function answer(line: Line, session: Session, request: Request): Promise<void> {
  const { id } = request
  if ('end' in request) {
    await session.release()
    line.reply({ id })
    line.close()
    return
  }
  try {
    line.reply({ id, outputs: await session.run(request.feeds, request.outputs) })
  } catch (error) {
    line.reply({ id, error: sentError(error) })
  }
}

async function serve({ bytes, options }: ProcessData, line: Line): Promise<void> {
  await line.busy(async () => {
    try {
      const session = await openSession(bytes, options)
      let last: Promise<void> = Promise.resolve()
      line.onRequest((request) => {
        last = last.then(() => line.busy(() => answer(line, session, request)))
      })
      line.reply({ id: 0 })
    } catch (error) {
      line.reply({ id: 0, error: sentError(error) })
      line.close()
    }
  })
}

if (parentPort) {
  const { flags, ...data } = workerData as WorkerData
  await serve(data, threadLine(parentPort, flags))
} else {
  process.once('message', (data: ProcessData) => serve(data, processLine()))
}
