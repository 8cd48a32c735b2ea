// Large constants in fewer bits, where that changes none of their numbers: an initialiser of the smaller type and the
// nodes that make float32 of it. onnxruntime folds those when it opens a file, so they cost nothing at run time.

import { fromFloat16, type Packing, packInt8, toFloat16 } from '../../../src/math/fewer-bits.ts'
import type { FileNode, FileTensor } from './graph.ts'

/** Fewer numbers than this are not worth two nodes. */
const SMALLEST = 1024

export interface PackedConstant {
  readonly tensors: readonly FileTensor[]
  /** The last one gives the constant under its name. */
  readonly nodes: readonly FileNode[]
}

/** The constant under the name `label`, or undefined when it is small or needs all its bits. */
export function packedConstant(
  label: string,
  data: Float32Array,
  shape: readonly number[],
  packing: Packing,
): PackedConstant | undefined {
  if (shape.length < 2 || data.length <= SMALLEST) return undefined
  return packing === 'float16' ? inFloat16(label, data, shape) : inInt8(label, data, shape)
}

function inFloat16(label: string, data: Float32Array, shape: readonly number[]): PackedConstant | undefined {
  const bits = toFloat16(data)
  if (!fromFloat16(bits).every((x, n) => Object.is(x, data[n]))) return undefined
  const name = `${label}.float16`
  return {
    tensors: [{ name, dtype: 'float16', shape, bytes: new Uint8Array(bits.buffer) }],
    nodes: [cast(name, label)],
  }
}

/** A column is what a product sums over: the axis before the last. */
function inInt8(label: string, data: Float32Array, shape: readonly number[]): PackedConstant | undefined {
  const columns = { group: shape.at(-2)!, inner: shape.at(-1)! }
  const packed = packInt8(data, columns)
  if (!packed) return undefined
  const [whole, scale, numbers] = ['int8', 'scale', 'numbers'].map((part) => `${label}.${part}`)
  const { buffer } = packed.scales
  return {
    tensors: [
      { name: whole, dtype: 'int8', shape, bytes: new Uint8Array(packed.numbers.buffer) },
      { name: scale, dtype: 'float32', shape: shape.with(-2, 1), bytes: new Uint8Array(buffer) },
    ],
    nodes: [
      cast(whole, numbers),
      { op: 'Mul', name: `${label}.scaled`, inputs: [numbers, scale], outputs: [label], attrs: {} },
    ],
  }
}

function cast(from: string, to: string): FileNode {
  return { op: 'Cast', name: `${to}.cast`, inputs: [from], outputs: [to], attrs: { to: 'float32' } }
}
