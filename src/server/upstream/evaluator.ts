// An evaluator whose graph other servers run: here crystals get their tables and rows are looked at.

import { evaluateInRuns } from '../../../runtimes/evaluate-in-runs.ts'
import type { Evaluator, ModelContent } from '../../../runtimes/evaluator.ts'
import type { OutputTensor } from '../../../runtimes/runtime.ts'
import { DeviceError } from '../../errors.ts'
import type { Tensor } from '../tensors.ts'
import { type Question, UpstreamError } from './channel.ts'
import { type Layout, sendingOf } from './layouts.ts'

/** A model of other servers, as it is known before anything is asked. */
export interface Served {
  readonly model: Pick<ModelContent, 'card' | 'inputs'>
  readonly layout: Layout
  /** of the model there */
  readonly inputs: readonly string[]
  /** of a run at most */
  readonly maxAtoms: number
}

/**
 * @param ask sends a question to one of the servers; throws UpstreamError when it has no answer, which is then the error of its
 *   crystals
 */
export function upstreamEvaluate(
  { model, layout, inputs, maxAtoms }: Served,
  ask: (question: Question) => Promise<ReadonlyMap<string, Tensor>>,
): Evaluator['evaluate'] {
  const { question, ...sending } = sendingOf(layout, model, inputs)
  return evaluateInRuns({
    device: 'upstream',
    maxAtoms,
    ...sending,
    async run(crystals, outputs) {
      try {
        const answer = await ask({ ...question(crystals), outputs })
        return Object.fromEntries(outputs.map((name) => [name, rowsOf(answer, name, crystals.length)]))
      } catch (error) {
        if (error instanceof UpstreamError && error.kind === 'failed') {
          return new DeviceError(`a server behind this one has no answer: ${error.message}`, { cause: error })
        }
        throw error
      }
    },
  })
}

/** @throws DeviceError where a server does not give what it said */
function rowsOf(answer: ReadonlyMap<string, Tensor>, name: string, rows: number): OutputTensor {
  const tensor = answer.get(name)
  if (tensor && tensor.datatype !== 'BYTES' && tensor.shape[0] === rows) {
    const { data, shape } = tensor
    return { data: data instanceof Float32Array ? data : Float32Array.from(data), dims: shape }
  }
  const found = tensor ? `${tensor.datatype} [${tensor.shape}]` : 'nothing'
  throw new DeviceError(
    `a server behind this one gives ${found} as ${name}, expected numbers in ${rows} rows`,
  )
}
