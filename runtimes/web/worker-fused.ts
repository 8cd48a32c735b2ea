// A worker with the fused engine, under a bundler and without: it loads files of ours only. Its first message is the model.

import { DeviceError } from '../../src/errors.ts'
import type { ModelContent } from '../evaluator.ts'
import type { Reply, Request } from '../hosted-protocol.ts'
import { buffersIn } from '../sent.ts'
import { serve } from '../serve.ts'
import { fusedAhead, fusedHere } from './fused-here.ts'

/** The scope of a worker, which TypeScript's DOM library takes for a window. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: Reply, move: Transferable[]): void
  close(): void
}

/** The page has onnxruntime in a worker of its own, and asks there (fused.ts). */
const noGraph = () => Promise.reject(new DeviceError('onnxruntime is not in the worker of the fused engine'))

const scope = globalThis as unknown as WorkerScope
scope.onmessage = ({ data: model }: MessageEvent<ModelContent>) =>
  serve(() => fusedHere(model, noGraph), {
    reply: (message) => scope.postMessage(message, buffersIn(message)),
    onRequest(listener) {
      scope.onmessage = ({ data }: MessageEvent<Request>) => listener(data)
    },
    close: () => scope.close(),
  })
fusedAhead()
