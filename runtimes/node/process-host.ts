// An evaluator in a process of its own: for servers, which go on when native code or the system kills one, and for callers in
// a worker thread. Their thread may be ended at any moment (pools do that), nothing in it is told, and onnxruntime's native
// code aborts the whole process when that happens during a run; nor can a worker thread set what the native libraries read
// from the environment. A process outlives neither: it ends with the channel to it.

import { startProcess, type ThreadFile } from '../../src/threads.ts'
import type { Host } from '../host.ts'
import { setEnvironment } from './environment.ts'
import type { Start } from './worker-protocol.ts'

export function processHost(file: ThreadFile, data: Start): Host {
  const env = { ...process.env }
  setEnvironment(env, data.options.device)
  const child = startProcess<Start>(file, data, env)
  return {
    post: (request) => child.send(request),
    onReply: (listener) => child.on('message', listener),
    onEnd(listener) {
      child.on('error', (cause) => listener(cause.message, cause))
      child.on('exit', (code, signal) => listener(`it ended with ${signal ?? `code ${code}`}`))
    },
    hold(alive) {
      if (alive) {
        child.ref()
        child.channel?.ref()
      } else {
        child.unref()
        child.channel?.unref()
      }
    },
    async end() {
      // It has nothing to do, and ends by itself unless something holds it.
      child.kill('SIGKILL')
    },
  }
}
