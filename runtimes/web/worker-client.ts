// The page's end of a worker: a Host whose calls are answered over there. A worker that dies rejects every call that waits.

import { DeviceError } from '../../src/errors.ts'
import { receivedError, receivedResults } from '../sent.ts'
import type { Host } from './host.ts'
import type { Method, Reply, Sent } from './worker-protocol.ts'
import { startScript, type WorkerScript, whenStopped } from './workers.ts'

interface Waiting {
  resolve(result: never): void
  reject(error: Error): void
}

/** @throws DeviceError when the browser refuses to start the worker. `onDeath` is called when it dies later. */
export function startWorker(script: WorkerScript, onDeath: () => void): { host: Host; stop: () => void } {
  const worker = startScript(script)
  const waiting = new Map<number, Waiting>()
  let nextId = 0
  let ended: DeviceError | undefined

  function end(error: DeviceError): void {
    ended ??= error
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
    worker.terminate()
  }
  async function ask<M extends Method>(
    method: M,
    args: Parameters<Host[M]>,
    { move = [], signal }: { readonly move?: Transferable[]; readonly signal?: AbortSignal } = {},
  ): Promise<Sent<M>> {
    if (ended) throw ended
    signal?.throwIfAborted()
    const id = nextId++
    const answer = new Promise<Sent<M>>((resolve, reject) => waiting.set(id, { resolve, reject }))
    worker.postMessage({ id, method, args }, move)
    const stop = () => worker.postMessage({ id, method: 'stop' })
    signal?.addEventListener('abort', stop)
    try {
      return await answer
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const call = waiting.get(data.id)
    waiting.delete(data.id)
    if ('error' in data) call?.reject(receivedError(data.error))
    else call?.resolve(data.result as never)
  }
  whenStopped(worker, (why) => {
    end(
      new DeviceError(
        `the onnxruntime worker stopped: ${why}; load again, with "worker: false" to see where it fails`,
      ),
    )
    onDeath()
  })
  return {
    host: {
      start: (settings) => ask('start', [settings], { move: [settings.binary] }),
      open: (...model) => ask('open', model),
      async evaluate(evaluator, crystals, outputs, { signal, ...options } = {}) {
        return receivedResults(await ask('evaluate', [evaluator, crystals, outputs, options], { signal }))
      },
      attention: (...call) => ask('attention', call),
      release: (evaluator) => ask('release', [evaluator]),
    },
    stop: () => end(new DeviceError('the onnxruntime worker of this page was ended; load the model again')),
  }
}
