// What every worker script does (worker-*.ts): answers calls of a Host. Holds no policy.

import { buffersIn, sentError, sentResults } from '../sent.ts'
import { type Host, hostOf, type Onnxruntime, type Settings } from './host.ts'
import {
  type Call,
  type Method,
  type Reply,
  type Request,
  type Sent,
  WORKER_NAME,
} from './worker-protocol.ts'

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
  const stops = new Map<number, AbortController>()
  scope.onmessage = async ({ data }) => {
    const { id } = data
    if (data.method === 'stop') return stops.get(id)?.abort()
    try {
      const stop = new AbortController()
      stops.set(id, stop)
      const result = await answer(host, data, stop.signal)
      scope.postMessage({ id, result }, buffersIn(result))
    } catch (error) {
      scope.postMessage({ id, error: sentError(error) }, [])
    } finally {
      stops.delete(id)
    }
  }
}

async function answer(host: Host, request: Call, signal: AbortSignal): Promise<Sent<Method>> {
  if (request.method === 'evaluate') {
    const [evaluator, crystals, outputs, options] = request.args
    return sentResults(await host.evaluate(evaluator, crystals, outputs, { ...options, signal }))
  }
  const call = host[request.method] as (...args: unknown[]) => Promise<Sent<Exclude<Method, 'evaluate'>>>
  return call(...request.args)
}
