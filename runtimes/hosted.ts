// An evaluator that lives behind messages, whatever they go through (host.ts).

import { DeviceError } from '../src/errors.ts'
import { numberedCalls } from './calls.ts'
import type { Evaluator } from './evaluator.ts'
import type { Host } from './host.ts'
import type { Reply, Request } from './hosted-protocol.ts'
import type { Device } from './runtime.ts'
import { receivedError, receivedResults } from './sent.ts'

export interface HostedEvaluator extends Evaluator {
  /** Why the host is gone, once it is: every call is refused with it. */
  readonly ended: Error | undefined
}

/** A request before it gets its number. */
type Call = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** Resolves when the evaluator is open. @throws DeviceError or ModelFileError when it cannot be opened */
export async function hosted(host: Host, device: Device): Promise<HostedEvaluator> {
  const calls = numberedCalls<Reply>()

  function ask(call: Call | undefined, signal?: AbortSignal): Promise<Reply> {
    const send = (id: number) => {
      host.hold?.(true)
      if (call) host.post({ id, ...call } as Request)
    }
    return calls.ask(send, (id) => host.post({ id, method: 'stop' }), signal)
  }

  host.onReply((reply) => {
    if (reply.error) calls.refuse(reply.id, receivedError(reply.error))
    else calls.answer(reply.id, reply)
    // An idle host must not keep the process alive.
    if (calls.waiting === 0) host.hold?.(false)
  })
  host.onEnd((why, cause) => calls.end(stopped(device, why, cause)))
  // Id 0 is answered without being asked: the evaluator is open, or why it is not.
  const { opened } = await ask(undefined)
  return {
    ...opened!,
    get ended() {
      return calls.ended
    },
    async evaluate(crystals, outputs, { signal, onStage: _, ...options } = {}) {
      const { results } = await ask({ method: 'evaluate', crystals, outputs, options }, signal)
      return receivedResults(results!)
    },
    async attention(crystal) {
      const { attention } = await ask({ method: 'attention', crystal })
      return attention!
    },
    async release() {
      if (calls.ended) return
      await ask({ method: 'release' })
      await host.end()
    },
  }
}

function stopped(device: Device, why: string, cause?: Error): DeviceError {
  return new DeviceError(
    `a worker of device ${device} stopped: ${why}; load the model with "worker: false" to see where it fails`,
    { cause },
  )
}
