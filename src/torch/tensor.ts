// A tensor as a checkpoint describes it: a strided window on a storage that several tensors may share. Nothing is read
// until its numbers are asked for.

import { WeightsError } from '../errors.ts'
import type { Dtype } from './dtypes.ts'

/** A run of elements in the archive. */
export interface Storage {
  /** name of the member under data/ */
  readonly key: string
  readonly dtype: Dtype
  /** in elements of dtype */
  readonly length: number
}

export interface TorchTensor {
  readonly storage: Storage
  readonly dtype: Dtype
  /** of the first element, in elements */
  readonly offset: number
  readonly shape: readonly number[]
  /** in elements; 0 repeats an axis */
  readonly strides: readonly number[]
}

const MAX_RANK = 16

/** Checked once, when a checkpoint names it: no element may lie outside its storage. @throws WeightsError */
export function tensor(
  storage: Storage,
  dtype: Dtype,
  offset: unknown,
  shape: unknown,
  strides: unknown,
): TorchTensor {
  const what = `tensor in storage ${storage.key}`
  if (!isSizes(shape) || !isSizes(strides) || shape.length !== strides.length) {
    throw new WeightsError(`${what}: its shape and strides are not two lists of at most ${MAX_RANK} sizes`)
  }
  if (!isSize(offset)) throw new WeightsError(`${what}: its offset is not a position`)
  const available = Math.floor((storage.length * storage.dtype.bytes) / dtype.bytes)
  const last = offset + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0)
  if (!shape.includes(0) && last >= available) {
    throw new WeightsError(`${what}: shape [${shape}] reaches element ${last} of ${available}`)
  }
  return { storage, dtype, offset, shape, strides }
}

export function isTensor(value: unknown): value is TorchTensor {
  return typeof value === 'object' && value !== null && 'strides' in value && 'storage' in value
}

/** Number of elements. */
export function elementsOf({ shape }: TorchTensor): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** The elements in row-major order from the bytes of the storage. */
export function gather(
  { dtype, offset, shape, strides }: TorchTensor,
  bytes: Uint8Array,
  little: boolean,
): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out = new Float64Array(shape.reduce((product, size) => product * size, 1))
  const index = new Array<number>(shape.length).fill(0)
  let at = offset
  for (let n = 0; n < out.length; n++) {
    out[n] = dtype.read(view, at * dtype.bytes, little)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]
      if (++index[axis] < shape[axis]) break
      at -= shape[axis] * strides[axis]
      index[axis] = 0
    }
  }
  return out
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MAX_RANK && value.every(isSize)
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
