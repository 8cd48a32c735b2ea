// The program of a worker thread, which talks to the thread that started it, and of a process, which talks to the one at
// the other end of its channel.

import { parentPort, workerData } from 'node:worker_threads'
import { type Line, serve } from '../serve.ts'
import type { Gate } from '../session.ts'
import { evaluatorHere } from './evaluator.ts'
import { threadLine } from './thread-line.ts'
import { BUSY, LEAVE, type Start, type WorkerData } from './worker-protocol.ts'

/** Does work of onnxruntime unless the process is about to exit, and tells the main thread while it lasts. */
function whileBusy(flags: Int32Array): Gate {
  function idle(): void {
    Atomics.store(flags, BUSY, 0)
    Atomics.notify(flags, BUSY)
  }
  return async (work) => {
    Atomics.store(flags, BUSY, 1)
    try {
      if (Atomics.load(flags, LEAVE) === 0) return await work()
    } finally {
      idle()
    }
    // Nobody will hear of it.
    return new Promise(() => {})
  }
}

function processLine(): Line {
  // Terminals and service managers send a signal to every process of a group; this one ends when its parent lets go of it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  process.on('disconnect', () => process.exit())
  process.on('error', () => process.exit())
  return {
    reply: (message) => process.send!(message),
    onRequest: (listener) => process.on('message', listener),
    close: () => process.disconnect(),
  }
}

if (parentPort) {
  const port = parentPort
  const { flags, fused } = workerData as WorkerData
  // Whoever starts this one reads the file meanwhile. What fails of it is said when there is one.
  if (fused) {
    import('../fused/evaluator.ts').then(({ loadForwards }) => loadForwards()).catch(() => {})
  }
  let opened = false
  // For good: a port that nobody listens to would let the thread end.
  port.on('message', ({ model, options }: Start) => {
    if (opened) return
    opened = true
    serve(() => evaluatorHere(model, options, whileBusy(flags)), threadLine(port))
  })
} else {
  process.once('message', ({ model, options }: Start) =>
    serve(() => evaluatorHere(model, options), processLine()),
  )
}
