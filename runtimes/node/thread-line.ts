// The line of an evaluator in a worker thread: to the thread that started it (thread-host.ts).

import type { MessagePort } from 'node:worker_threads'
import { buffersIn } from '../sent.ts'
import type { Line } from '../serve.ts'

export function threadLine(port: MessagePort): Line {
  return {
    reply: (message) => port.postMessage(message, buffersIn(message)),
    onRequest: (listener) => port.on('message', listener),
    // Deno's port cannot be closed; without work the thread ends all the same.
    close: () => port.unref(),
  }
}
