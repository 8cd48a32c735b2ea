// A model whose graph other servers run: its card is here, and with it tables, domain and the queue for all clients.

import type { Batching } from '../../../runtimes/batching-options.ts'
import type { ModelContent } from '../../../runtimes/evaluator.ts'
import { hosted } from '../../../runtimes/hosted.ts'
import { type Model, openModel } from '../../../runtimes/model.ts'
import { NODE } from '../../../runtimes/node/devices.ts'
import { readModel } from '../../../runtimes/node/source.ts'
import { threadHost } from '../../../runtimes/node/thread-host.ts'
import { pooled } from '../../../runtimes/pool.ts'
import { OUTPUT, type Runtime, runtimeOf } from '../../../runtimes/runtime.ts'
import type { PublicKey } from '../../../runtimes/signature.ts'
import { trusterOf } from '../../../runtimes/trust.ts'
import type { ThreadFile } from '../../threads.ts'
import { type FleetOptions, watchedFleet } from './fleet.ts'
import type { WorkerData } from './worker.ts'

export interface UpstreamOptions extends Omit<FleetOptions, 'maxAtoms'> {
  /** threads that make tables and ask, at most */
  readonly threads: number
  /** for an answer */
  readonly timeoutMs: number
  readonly batching: Batching
  /** of those who may have signed the file */
  readonly publicKey?: PublicKey
  readonly signal?: AbortSignal
  readonly onWarning: (message: string) => void
}

/** The worker's file lies beside this one. */
const WORKER: ThreadFile = {
  script: new URL('./upstream.worker.js', import.meta.url),
  source: './worker.ts',
  from: import.meta.url,
}

/** @throws ModelFileError for the file; DeviceError when none of the servers runs the model within the card's tolerance */
export async function loadUpstream(source: string, options: UpstreamOptions): Promise<Model> {
  const { batching, publicKey, signal, onWarning } = options
  const platform = {
    ...({ devices: ['upstream'], fused: 'upstream', auto: ['upstream'] } as const),
    absent: () => undefined,
    nextStep: () => 'start one of them with this model (docs/serving.md)',
    warn: onWarning,
    verifies: NODE.verifies,
  }
  return openModel(
    await readModel(source, { signal }),
    platform,
    (model) => upstreamRuntime(model, options),
    {
      ...({ device: 'upstream', engine: 'onnxruntime' } as const),
      // Each of the servers was checked.
      ...{ selfCheck: false, batching, publicKey, signal },
    },
  )
}

async function upstreamRuntime(model: ModelContent, options: UpstreamOptions): Promise<Runtime> {
  const { name, addresses, threads, timeoutMs, batching } = options
  const outputs = [OUTPUT, ...trusterOf(model.card).outputs]
  const maxAtoms = batching.maxAtoms ?? model.card.max_atoms
  const fleet = await watchedFleet(model, outputs, { ...options, maxAtoms })
  const { served, board } = fleet
  const data: WorkerData = { served, name, addresses, memory: board.memory, timeoutMs }
  const open = () => hosted(threadHost(WORKER, data), 'upstream')
  const start = performance.now()
  try {
    const first = await open()
    const evaluator = pooled(first, { open, most: threads, startMs: performance.now() - start })
    const runtime = runtimeOf(evaluator, { device: 'upstream', parallel: threads })
    return {
      ...runtime,
      async evaluate(...asked) {
        // Before tables are made for nobody.
        fleet.refuseNobody()
        return runtime.evaluate(...asked)
      },
      async dispose() {
        await runtime.dispose()
        fleet.close()
      },
    }
  } catch (error) {
    fleet.close()
    throw error
  }
}
