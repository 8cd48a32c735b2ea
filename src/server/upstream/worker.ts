// The program of a thread that makes tables and asks other servers to run the graph.

import { parentPort, workerData } from 'node:worker_threads'
import type { Evaluator } from '../../../runtimes/evaluator.ts'
import { threadLine } from '../../../runtimes/node/thread-line.ts'
import { serve } from '../../../runtimes/serve.ts'
import { ConfigError } from '../../errors.ts'
import type { Address } from './address.ts'
import { boardIn } from './board.ts'
import { dispatch } from './dispatch.ts'
import { type Served, upstreamEvaluate } from './evaluator.ts'
import { openChannel } from './open-channel.ts'

/** What it is started with. */
export interface WorkerData {
  readonly served: Served
  /** of the model */
  readonly name: string
  readonly addresses: readonly Address[]
  /** of the board */
  readonly memory: Int32Array
  readonly timeoutMs: number
}

async function open(): Promise<Evaluator> {
  const { served, name, addresses, memory, timeoutMs } = workerData as WorkerData
  const { ask, close } = dispatch(
    await Promise.all(addresses.map(openChannel)),
    boardIn(memory),
    name,
    timeoutMs,
  )
  return {
    engine: 'onnxruntime',
    note: `${addresses.map(({ text }) => text).join(', ')}, layout ${served.layout}`,
    evaluate: upstreamEvaluate(served, ask),
    attention: async () => {
      throw new ConfigError('servers behind this one give no weights of attention; load the model here')
    },
    release: async () => close(),
  }
}

await serve(open, threadLine(parentPort!))
