// A worker with the fused engine, under a bundler and without: it loads files of ours only. Its first message is the model.

import type { ModelContent } from '../evaluator.ts'
import type { Reply, Request } from '../hosted-protocol.ts'
import { buffersIn } from '../sent.ts'
import { serve } from '../serve.ts'
import { fusedHere } from './fused-here.ts'

/** The scope of a worker, which TypeScript's DOM library takes for a window. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: Reply, move: Transferable[]): void
  close(): void
}

const scope = globalThis as unknown as WorkerScope
scope.onmessage = ({ data: model }: MessageEvent<ModelContent>) =>
  serve(() => fusedHere(model), {
    reply: (message) => scope.postMessage(message, buffersIn(message)),
    onRequest(listener) {
      scope.onmessage = ({ data }: MessageEvent<Request>) => listener(data)
    },
    close: () => scope.close(),
  })
