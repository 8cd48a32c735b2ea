// The page's end of a worker: a Host whose calls are answered over there. A worker that dies rejects every call that waits.

import { DeviceError } from '../../src/errors.ts'
import { numberedCalls } from '../calls.ts'
import { receivedError, receivedResults } from '../sent.ts'
import type { Host } from './host.ts'
import type { Method, Reply, Sent } from './worker-protocol.ts'
import { startScript, type WorkerScript, whenStopped } from './workers.ts'

/** @throws DeviceError when the browser refuses to start the worker. `onDeath` is called when it dies later. */
export function startWorker(script: WorkerScript, onDeath: () => void): { host: Host; stop: () => void } {
  const worker = startScript(script)
  const calls = numberedCalls<Sent<Method>>()

  function end(error: DeviceError): void {
    calls.end(error)
    worker.terminate()
  }
  function ask<M extends Method>(
    method: M,
    args: Parameters<Host[M]>,
    { move = [], signal }: { readonly move?: Transferable[]; readonly signal?: AbortSignal } = {},
  ): Promise<Sent<M>> {
    const send = (id: number) => worker.postMessage({ id, method, args }, move)
    const stop = (id: number) => worker.postMessage({ id, method: 'stop' })
    return calls.ask(send, stop, signal) as Promise<Sent<M>>
  }

  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ('error' in data) calls.refuse(data.id, receivedError(data.error))
    else calls.answer(data.id, data.result)
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
