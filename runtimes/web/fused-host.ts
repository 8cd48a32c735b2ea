// A worker of a browser for an evaluator of the fused engine (worker-fused.ts). It starts before the model is there, so that
// its script is fetched and compiled while the model is on its way.

import type { ModelContent } from '../evaluator.ts'
import type { Host } from '../host.ts'
import type { Reply } from '../hosted-protocol.ts'
import { startScript, whenStopped } from './workers.ts'

export interface FusedHost extends Host {
  /** Sends the model, once. */
  open(model: ModelContent): void
}

/** Workers for one model. */
export interface FusedWorkers {
  /** One more; the first has started before. @throws DeviceError when the browser refuses to start it */
  start(): FusedHost
  /** Ends the first one if nobody took it. */
  leave(): void
}

export function fusedWorkers(): FusedWorkers {
  let ahead: FusedHost | undefined
  try {
    ahead = fusedHost()
  } catch {
    // Said when it is needed.
  }
  return {
    start() {
      const host = ahead ?? fusedHost()
      ahead = undefined
      return host
    },
    leave: () => void ahead?.end(),
  }
}

/** @throws DeviceError when the browser refuses to start the worker */
function fusedHost(): FusedHost {
  const worker = startScript('fused')
  let ended: string | undefined
  let whenEnded = (why: string) => {
    ended = why
  }
  whenStopped(worker, (why) => whenEnded(why))
  return {
    open: (model) => worker.postMessage(model),
    post: (request) => worker.postMessage(request),
    onReply(listener) {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => listener(data)
    },
    onEnd(listener) {
      whenEnded = listener
      if (ended !== undefined) listener(ended)
    },
    async end() {
      worker.terminate()
    },
  }
}
