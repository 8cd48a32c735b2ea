// The constants that a recording meets. tidy() disposes constants as soon as they are used, so their values are taken
// when they are used: as they lie, since tfjs never changes the numbers of a tensor.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { callSite, formatSite } from './callsite.ts'
import type { Origin, Snapshot } from './tape.ts'
import type { ConstantData } from './values.ts'

/** The values of a tensor, taken once. */
export type TakeSnapshot = (tensor: tf.TensorInfo) => Snapshot

/**
 * @param read gives the values behind a tensor
 * @param originOf the kernel that made it from other constants, if one did
 */
export function createSnapshots(
  read: (tensor: tf.TensorInfo) => ArrayLike<number>,
  originOf: (tensor: tf.TensorInfo) => Origin | undefined,
): TakeSnapshot {
  const taken = new WeakMap<object, Snapshot[]>()
  return (tensor) => {
    const copies = taken.get(tensor.dataId) ?? []
    taken.set(tensor.dataId, copies)
    const same = copies.find(({ shape }) => String(shape) === String(tensor.shape))
    if (same) return same
    const snapshot = { ...typed(tensor, read(tensor)), label: label(tensor), origin: originOf(tensor) }
    copies.push(snapshot)
    return snapshot
  }
}

function typed({ dtype, shape }: tf.TensorInfo, values: ArrayLike<number>): Snapshot {
  const own = [...shape]
  if (dtype === 'float32') return { dtype, shape: own, data: as(Float32Array, values) }
  if (dtype === 'int32') return { dtype, shape: own, data: as(Int32Array, values) }
  if (dtype === 'bool') return { dtype, shape: own, data: as(Uint8Array, values) }
  throw new ExportError(`a constant of dtype ${dtype} cannot be exported (${formatSite(callSite())})`)
}

function as<T extends ConstantData>(
  type: { new (...args: never[]): T; from(values: ArrayLike<number>): T },
  values: ArrayLike<number>,
): T {
  return values instanceof type ? values : type.from(values)
}

/** Variables are named by their makers, unless tfjs numbered them. */
const label = (tensor: tf.TensorInfo): string | undefined =>
  tensor instanceof tf.Variable && /[A-Za-z]/.test(tensor.name) ? tensor.name : undefined
