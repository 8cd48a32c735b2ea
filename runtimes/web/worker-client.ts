// The page's end of a worker: a Host whose calls are answered over there. A worker that dies rejects every call that waits.

import { DeviceError } from '../../src/errors.ts'
import { receivedError, receivedResults } from '../sent.ts'
import type { Host } from './host.ts'
import type { Method, Reply, Sent } from './worker-protocol.ts'

/** Bundlers look for exactly these expressions, with every option written out; the names differ for webpack's sake. */
const START = {
  wasm: () =>
    new Worker(new URL('./worker-wasm.ts', import.meta.url), { type: 'module', name: 'crystal-onnx-wasm' }),
  webgpu: () =>
    new Worker(new URL('./worker-webgpu.ts', import.meta.url), {
      type: 'module',
      name: 'crystal-onnx-webgpu',
    }),
  plain: () =>
    new Worker(new URL('./worker-plain.ts', import.meta.url), { type: 'module', name: 'crystal-onnx-plain' }),
}

interface Waiting {
  resolve(result: never): void
  reject(error: Error): void
}

/** @throws DeviceError when the browser refuses to start the worker. `onDeath` is called when it dies later. */
export function startWorker(
  script: keyof typeof START,
  onDeath: () => void,
): { host: Host; stop: () => void } {
  let worker: Worker
  try {
    worker = START[script]()
  } catch (cause) {
    throw new DeviceError(
      `the worker cannot start (${(cause as Error).message}): its script must come from the page's own origin; serve ` +
        'crystal-onnx from there, or load with "worker: false"',
      { cause },
    )
  }
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
  worker.onerror = (event) => {
    event.preventDefault()
    // A script that cannot be loaded tells nothing about itself.
    const why = event.message || 'its script cannot be loaded, or is not served as JavaScript'
    end(
      new DeviceError(
        `the onnxruntime worker stopped: ${why}; load again, with "worker: false" to see where it fails`,
      ),
    )
    onDeath()
  }
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
