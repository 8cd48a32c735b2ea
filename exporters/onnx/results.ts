// What a recorded function may return, and under which names.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'

/** One tensor, an array, or tensors by name. */
export type Results = tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>

const RETURNS = "it must return tensors of this process's @tensorflow/tfjs-core: one, an array, or by name"

/**
 * The outputs by name.
 * @param names for a function that returns a tensor or an array; `output`, or `output_0`, `output_1`, … by default.
 * @throws ExportError when the function returned anything but tensors, or names do not fit.
 */
export function namedOutputs(result: Results, names: readonly string[] = []): [string, tf.Tensor][] {
  const list: [string, unknown][] =
    result instanceof tf.Tensor
      ? [[names[0] ?? 'output', result]]
      : Array.isArray(result)
        ? result.map((tensor, i) => [names[i] ?? `output_${i}`, tensor])
        : Object.entries(result ?? {})
  if (list.length === 0) throw new ExportError(`the function returned no tensors; ${RETURNS}`)
  if (names.length > 0 && names.length !== list.length) {
    throw new ExportError(
      `the function returned ${list.length} outputs, option outputs names ${names.length}`,
    )
  }
  if (new Set(list.map(([name]) => name)).size < list.length) {
    throw new ExportError(
      `outputs ${list.map(([name]) => `"${name}"`).join(', ')}: each needs a name of its own`,
    )
  }
  for (const [name, tensor] of list) {
    if (!(tensor instanceof tf.Tensor)) throw new ExportError(`output "${name}" is no tensor; ${RETURNS}`)
  }
  return list as [string, tf.Tensor][]
}
