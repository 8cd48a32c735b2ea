// An evaluator of the fused engine in a worker of a browser, which runs worker-fused.ts.

import type { ModelContent } from '../evaluator.ts'
import type { Host } from '../host.ts'
import type { Reply } from '../hosted-protocol.ts'
import { startScript, whenStopped } from './workers.ts'

/** @throws DeviceError when the browser refuses to start the worker */
export function fusedHost(model: ModelContent): Host {
  const worker = startScript('fused')
  worker.postMessage(model)
  return {
    post: (request) => worker.postMessage(request),
    onReply(listener) {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => listener(data)
    },
    onEnd: (listener) => whenStopped(worker, listener),
    async end() {
      worker.terminate()
    },
  }
}
