// Copies of the constants that a recording meets. tidy() disposes constants as soon as they are used, so their values
// are copied when they are used.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { callSite, formatSite } from './callsite.ts'
import type { Snapshot } from './tape.ts'

/** Copies a tensor; the same one, also reshaped, is copied only once. */
export type TakeSnapshot = (tensor: tf.TensorInfo) => Snapshot

/** @param read gives the values behind a tensor. */
export function createSnapshots(read: (tensor: tf.TensorInfo) => ArrayLike<number>): TakeSnapshot {
  const taken = new WeakMap<object, Snapshot[]>()
  return (tensor) => {
    const copies = taken.get(tensor.dataId) ?? []
    taken.set(tensor.dataId, copies)
    const same = copies.find(({ shape }) => String(shape) === String(tensor.shape))
    if (same) return same
    const snapshot = { ...copyOf(tensor, copies[0]?.data ?? read(tensor)), label: label(tensor) }
    copies.push(snapshot)
    return snapshot
  }
}

function copyOf({ dtype, shape }: tf.TensorInfo, values: ArrayLike<number>): Snapshot {
  if (dtype === 'float32') return { dtype, shape: [...shape], data: Float32Array.from(values) }
  if (dtype === 'int32') return { dtype, shape: [...shape], data: Int32Array.from(values) }
  if (dtype === 'bool') return { dtype, shape: [...shape], data: Uint8Array.from(values) }
  throw new ExportError(`a constant of dtype ${dtype} cannot be exported (${formatSite(callSite())})`)
}

/** Variables are named by their makers, unless tfjs numbered them. */
const label = (tensor: tf.TensorInfo): string | undefined =>
  tensor instanceof tf.Variable && /[A-Za-z]/.test(tensor.name) ? tensor.name : undefined
