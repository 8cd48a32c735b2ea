// An evaluator that lives behind messages: calls get numbers, answers are matched to them, and when the host is gone every
// call that waits is refused instead of hanging.

import { DeviceError } from '../src/errors.ts'
import type { Evaluator } from './evaluator.ts'
import type { Host } from './host.ts'
import type { Reply, Request } from './hosted-protocol.ts'
import type { Device } from './runtime.ts'
import { receivedError, receivedResults } from './sent.ts'

export interface HostedEvaluator extends Evaluator {
  /** Why the host is gone, once it is: every call is refused with it. */
  readonly ended: DeviceError | undefined
}

/** A request before it gets its number. */
type Call = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** Resolves when the evaluator is open. @throws DeviceError or ModelFileError when it cannot be opened */
export async function hosted(host: Host, device: Device): Promise<HostedEvaluator> {
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>()
  let nextId = 0
  let ended: DeviceError | undefined

  async function ask(call: Call | undefined, signal?: AbortSignal): Promise<Reply> {
    if (ended) throw ended
    signal?.throwIfAborted()
    const id = nextId++
    const answer = new Promise<Reply>((resolve, reject) => waiting.set(id, { resolve, reject }))
    host.hold?.(true)
    if (call) host.post({ id, ...call } as Request)
    const stop = () => host.post({ id, method: 'stop' })
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

  host.onReply((reply) => {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    // An idle host must not keep the process alive.
    if (waiting.size === 0) host.hold?.(false)
    if (reply.error) call?.reject(receivedError(reply.error))
    else call?.resolve(reply)
  })
  host.onEnd((why, cause) => {
    ended ??= stopped(device, why, cause)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  })
  // Id 0 is answered without being asked: the evaluator is open, or why it is not.
  const { opened } = await ask(undefined)
  return {
    ...opened!,
    get ended() {
      return ended
    },
    async evaluate(crystals, outputs, { signal, ...options } = {}) {
      const { results } = await ask({ method: 'evaluate', crystals, outputs, options }, signal)
      return receivedResults(results!)
    },
    async attention(crystal) {
      const { attention } = await ask({ method: 'attention', crystal })
      return attention!
    },
    async release() {
      if (ended) return
      await ask({ method: 'release' })
      await host.end()
    },
  }
}

function stopped(device: Device, why: string, cause?: Error): DeviceError {
  return new DeviceError(
    `a worker of device ${device} stopped: ${why}; load the model again, with "worker: false" to see ` +
      'where it fails',
    { cause },
  )
}
