// What every worker script does (worker-*.ts): answers calls of a Host. Holds no policy.

import { sentError } from '../sent-error.ts'
import { buffersOf } from '../session.ts'
import { hostOf, type Onnxruntime, type Settings } from './host.ts'
import { type Reply, type Request, WORKER_NAME } from './worker-protocol.ts'

/** The scope of a worker, which TypeScript's DOM library takes for a window. */
interface WorkerScope {
  readonly name: string
  onmessage: ((event: MessageEvent<Request>) => void) | null
  postMessage(message: Reply, move: Transferable[]): void
}

export function serve(load: (settings: Settings) => Promise<Onnxruntime>): void {
  const scope = globalThis as unknown as WorkerScope
  // In a thread that onnxruntime started from the same script, onnxruntime is the one that listens.
  if (!scope.name.startsWith(WORKER_NAME)) return
  const host = hostOf(load)
  scope.onmessage = async ({ data: { id, method, args } }) => {
    try {
      const call = host[method] as (...args: unknown[]) => ReturnType<(typeof host)[typeof method]>
      const result = await call(...args)
      scope.postMessage({ id, result }, typeof result === 'object' ? buffersOf(result) : [])
    } catch (error) {
      scope.postMessage({ id, error: sentError(error) }, [])
    }
  }
}
