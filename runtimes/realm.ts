// Bytes and numbers of another realm: under Jest, in vm contexts and in frames the classes of arrays are others than those
// of this module, so that `instanceof` says no of arrays that are as good as ours.

import type { TensorConstructor } from 'onnxruntime-common'

/** The bytes of a buffer, or of a view of one, of any realm; undefined for something else. What is shared is copied. */
export function bytesOf(given: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(given)) return unshared(given.buffer, given.byteOffset, given.byteLength)
  const kind = Object.prototype.toString.call(given)
  if (kind !== '[object ArrayBuffer]' && kind !== '[object SharedArrayBuffer]') return undefined
  const buffer = given as ArrayBuffer | SharedArrayBuffer
  return unshared(buffer, 0, buffer.byteLength)
}

function unshared(buffer: ArrayBufferLike, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(buffer, start, length)
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]' ? bytes.slice() : bytes
}

type Numbers = Float32Array | Int32Array
type Maker<T> = new (buffer: ArrayBuffer, start: number, length: number) => T

/** Makes tensors of arrays of any realm: a build of onnxruntime takes those of the realm that it was loaded in. */
export function tensorsOf(Tensor: TensorConstructor) {
  const Floats = new Tensor('float32', [0], [1]).data.constructor as Maker<Float32Array>
  const Integers = new Tensor('int32', [0], [1]).data.constructor as Maker<Int32Array>
  return (data: Numbers, dims: readonly number[]) =>
    data[Symbol.toStringTag] === 'Int32Array'
      ? new Tensor('int32', madeBy(Integers, data), dims)
      : new Tensor('float32', madeBy(Floats, data), dims)
}

function madeBy<T extends Numbers | Uint8Array>(Own: Maker<T>, data: Numbers | Uint8Array): T {
  if (data.constructor === Own) return data as T
  return new Own(data.buffer as ArrayBuffer, data.byteOffset, data.length)
}

/** A view of the same bytes in the realm of a build of onnxruntime. */
export function bytesFor(Tensor: TensorConstructor, bytes: Uint8Array): Uint8Array {
  return madeBy(new Tensor('uint8', [0], [1]).data.constructor as Maker<Uint8Array>, bytes)
}
