// The worker that fine-tunes, and ends with it.

import { failureOf } from '../../src/components/failure.ts'
import { fineTuned } from './fine-tune.ts'
import type { Reply, Request } from './protocol.ts'

/** Of the scope of a worker, which TypeScript's DOM library takes for a window. */
const scope = globalThis as unknown as {
  postMessage(reply: Reply, move?: Transferable[]): void
  onmessage: (event: MessageEvent<Request>) => void
}

scope.onmessage = async ({ data }) => {
  try {
    const result = await fineTuned(data, {
      stage: (stage) => scope.postMessage({ stage }),
      epoch: (epoch) => scope.postMessage({ epoch }),
    })
    scope.postMessage({ result }, [result.bytes.buffer])
  } catch (error) {
    scope.postMessage({ failure: failureOf(error) })
  }
}
