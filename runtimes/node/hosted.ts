// A Runtime whose session lives behind messages: runs get numbers, answers are matched to them, and when the host is
// gone every run that waits is refused instead of hanging.

import { DeviceError } from '../../src/errors.ts'
import type { Outputs, Runtime } from '../runtime.ts'
import { receivedError } from '../sent-error.ts'
import { buffersOf, feedsOf } from '../session.ts'
import type { NodeDevice } from './devices.ts'
import type { Host } from './host.ts'
import type { Request } from './worker-protocol.ts'

/** Resolves when the session is open. @throws DeviceError or ModelFileError when it cannot be opened */
export async function hosted(host: Host, device: NodeDevice, inputs: readonly string[]): Promise<Runtime> {
  const waiting = new Map<number, { resolve: (outputs: Outputs) => void; reject: (error: Error) => void }>()
  let nextId = 0
  let ended: DeviceError | undefined

  function ask(request: (id: number) => Request | undefined, move: ArrayBuffer[] = []): Promise<Outputs> {
    if (ended) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      const id = nextId++
      waiting.set(id, { resolve, reject })
      host.hold(true)
      const message = request(id)
      if (message) host.post(message, move)
    })
  }

  host.onReply(({ id, outputs, error }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    // An idle host must not keep the process alive.
    if (waiting.size === 0) host.hold(false)
    if (error) call?.reject(receivedError(error))
    else call?.resolve(outputs ?? {})
  })
  host.onEnd((why, cause) => {
    ended ??= stopped(device, why, cause)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  })
  // Id 0 is answered without being asked: the session is open, or why it is not.
  await ask(() => undefined)
  return {
    device,
    async run(batch, outputs) {
      const feeds = feedsOf(batch, inputs)
      return ask((id) => ({ id, feeds, outputs }), buffersOf(feeds))
    },
    async dispose() {
      if (ended) return
      const done = ask((id) => ({ id, end: true }))
      ended = disposed(device)
      await done
      await host.end()
    },
  }
}

export function disposed(device: NodeDevice): DeviceError {
  return new DeviceError(`the model on device ${device} was disposed; load it again`)
}

function stopped(device: NodeDevice, why: string, cause?: Error): DeviceError {
  return new DeviceError(
    `the onnxruntime worker of device ${device} stopped: ${why}; load the model again, with "worker: false" to see ` +
      'where it fails',
    { cause },
  )
}
