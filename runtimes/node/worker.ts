// The program of a host: opens one evaluator, answers its calls, and ends when it is told to. In a worker thread it talks
// to the thread that started it, in a process to the one at the other end of its channel. Holds no policy.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Evaluator } from '../evaluator.ts'
import { buffersIn, sentError, sentResults } from '../sent.ts'
import type { Gate } from '../session.ts'
import { evaluatorHere } from './evaluator.ts'
import {
  type Answer,
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
  readonly busy: Gate
  onRequest(listener: (request: Request) => void): void
  close(): void
}

function threadLine(port: MessagePort, flags: Int32Array): Line {
  function idle(): void {
    Atomics.store(flags, BUSY, 0)
    Atomics.notify(flags, BUSY)
  }
  return {
    reply: (message) => port.postMessage(message, buffersIn(message)),
    /** Does `work` unless the process is about to exit, and tells the main thread while it lasts. */
    async busy(work) {
      Atomics.store(flags, BUSY, 1)
      try {
        if (Atomics.load(flags, LEAVE) === 0) return await work()
      } finally {
        idle()
      }
      // Nobody will hear of it.
      return new Promise(() => {})
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

/** @param signal of an evaluation */
async function answer(evaluator: Evaluator, request: Request, signal: AbortSignal): Promise<Answer> {
  try {
    if (request.method === 'evaluate') {
      const { crystals, outputs, options } = request
      return { results: sentResults(await evaluator.evaluate(crystals, outputs, { ...options, signal })) }
    }
    if (request.method === 'attention') return { attention: await evaluator.attention(request.crystal) }
    await evaluator.release()
    return {}
  } catch (error) {
    return { error: sentError(error) }
  }
}

async function serve({ model, options }: ProcessData, line: Line): Promise<void> {
  let evaluator: Evaluator
  try {
    evaluator = await evaluatorHere(model, options, line.busy)
  } catch (error) {
    line.reply({ id: 0, error: sentError(error) })
    line.close()
    return
  }
  const stops = new Map<number, AbortController>()
  line.onRequest(async (request) => {
    const { id, method } = request
    if (method === 'stop') return stops.get(id)?.abort()
    const stop = new AbortController()
    stops.set(id, stop)
    line.reply({ id, ...(await answer(evaluator, request, stop.signal)) })
    stops.delete(id)
    if (method === 'release') line.close()
  })
  const { engine, note } = evaluator
  line.reply({ id: 0, opened: { engine, note } })
}

if (parentPort) {
  const { flags, ...data } = workerData as WorkerData
  await serve(data, threadLine(parentPort, flags))
} else {
  process.once('message', (data: ProcessData) => serve(data, processLine()))
}
