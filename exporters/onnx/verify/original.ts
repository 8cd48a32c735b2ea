// The function that was exported, run by tfjs on numbers: on the wasm backend, which is fast and has no numbers of its
// own devising, or on the CPU backend where wasm lacks a kernel. The backend in use before is restored.

import * as tf from '@tensorflow/tfjs-core'
import type { RecordedFunction } from '../recorder.ts'
import { namedOutputs, type Results } from '../results.ts'
import { followed, inScope, lastly } from '../settled.ts'
import { use } from '../use-backend.ts'
import type { ConstantData } from '../values.ts'
import type { Output } from './compare.ts'

/** An input with its numbers. */
export interface Given {
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly dims: readonly number[]
  readonly data: ConstantData
}

/** @param careful on the CPU backend, which refuses indices outside of a tensor */
export type Original = (
  inputs: ReadonlyMap<string, Given>,
  careful: boolean,
) => Promise<ReadonlyMap<string, Output>>

/**
 * @param names of the outputs, for a function that returns a tensor or an array
 * @param large whether its constants are too many for the 4 GiB of the wasm backend, which would hold them a second time
 */
export async function original(
  fn: RecordedFunction,
  names: readonly string[] | undefined,
  large: boolean,
): Promise<Original> {
  const backends = !large && (await hasWasm()) ? ['wasm', 'cpu'] : ['cpu']
  return async (inputs, careful) => {
    const backend = careful ? 'cpu' : backends[0]
    try {
      return await runOn(backend, fn, inputs, names)
    } catch (cause) {
      if (backend === 'cpu') throw cause
      // A kernel that one lacks another may have; what is wrong with the numbers is wrong on both.
      const result = await runOn('cpu', fn, inputs, names)
      if (/not registered|not found/.test((cause as Error).message)) backends.shift()
      return result
    }
  }
}

/** Starts the wasm backend, without making it the current one. In pages its file would have to be served. */
async function hasWasm(): Promise<boolean> {
  if (typeof process === 'undefined' || !process.versions?.node) return false
  try {
    await import('@tensorflow/tfjs-backend-wasm')
    if (!tf.findBackend('wasm')) await tf.ready()
    return Boolean(tf.findBackend('wasm'))
  } catch {
    return false
  }
}

async function runOn(
  backend: string,
  fn: RecordedFunction,
  inputs: ReadonlyMap<string, Given>,
  names: readonly string[] | undefined,
): Promise<ReadonlyMap<string, Output>> {
  const before = tf.getBackend()
  use(backend)
  const read = (result: Results) =>
    new Map(
      namedOutputs(result, names).map(([name, tensor]): [string, Output] => [
        name,
        { dtype: tensor.dtype, dims: tensor.shape, data: tensor.dataSync().slice() },
      ]),
    )
  const run = () => {
    const given: Record<string, tf.Tensor> = Object.create(null)
    for (const [name, { data, dims, dtype }] of inputs)
      given[name] = tf.tensor(data.slice(), [...dims], dtype)
    return followed(() => fn(given), read)
  }
  return lastly(
    () => inScope(run),
    () => use(before),
  )
}
