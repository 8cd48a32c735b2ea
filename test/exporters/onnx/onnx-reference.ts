// The evaluator against onnx.reference, the evaluator of the ONNX project itself: many graphs in one Python process,
// both in float64.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import type { GraphInput } from '../../../exporters/onnx/reference/inputs.ts'
import type { Tensor } from '../../../exporters/onnx/reference/tensor.ts'
import { pythonWith } from '../../python.ts'

/** Both in float64: sums in another order, relative to max(1, |value|). */
const F64 = 1e-13
/** onnx.reference rounds the results of Erf to float32. */
const F32_ERF = 1e-7

// The reference evaluator of earlier versions lacks operators and is wrong for others.
const python = pythonWith(
  'import onnx, onnx.reference; assert tuple(map(int, onnx.__version__.split(".")[:2])) >= (1, 16)',
)

export const hasOnnxReference = python !== undefined
/** For a test title: why the comparison is skipped. */
export const ONNX_REFERENCE = python ? 'onnx.reference' : 'onnx.reference (no python3 here has onnx ≥ 1.16)'

/** A graph, what it was given, and what the evaluator made of it. */
export interface Evaluated {
  readonly bytes: Uint8Array
  readonly inputs: Readonly<Record<string, GraphInput>>
  readonly outputs: ReadonlyMap<string, Tensor>
}

interface Encoded {
  readonly type: string
  readonly dims: readonly number[]
  /** base64 */
  readonly data: string
}

const SCRIPT = fileURLToPath(new URL('./onnx-reference.py', import.meta.url))
const ARRAYS: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>> = {
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
}

/** What disagrees with onnx.reference, one line a graph and output. */
export function disagreements(cases: readonly Evaluated[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-reference-'))
  try {
    for (const [n, { bytes, inputs }] of cases.entries()) {
      writeFileSync(join(folder, `${n}.onnx`), bytes)
      const encoded = Object.entries(inputs).map(([name, input]) => [name, encode(input)])
      writeFileSync(join(folder, `${n}.json`), JSON.stringify(Object.fromEntries(encoded)))
    }
    execFileSync(python!, [SCRIPT, folder])
    return cases.flatMap(({ bytes, outputs }, n) => {
      const { nodes } = decodeModel(bytes).graph
      // onnx.reference takes no notice of the activations of recurrent cells.
      if (nodes.some(({ op }) => RECURRENT.includes(op))) return []
      const tolerance = nodes.some(({ op }) => op === 'Erf') ? F32_ERF : F64
      const result = JSON.parse(readFileSync(join(folder, `${n}.out.json`), 'utf8'))
      if (result.error) return [`${n}: ${result.error}`]
      return [...outputs].flatMap(([name, value]) => {
        const difference = compare(value, result[name], tolerance)
        return difference ? [`${n}, ${name}: ${difference}`] : []
      })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const RECURRENT = ['GRU', 'LSTM', 'RNN']

function encode({ data, dims }: GraphInput): Encoded {
  const floats = data instanceof Float32Array ? Float64Array.from(data) : data
  const { buffer, byteOffset, byteLength } = floats
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
  return { type: typeOf(floats), dims, data: bytes.toString('base64') }
}

function typeOf(data: GraphInput['data']): string {
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  return data instanceof BigInt64Array ? 'int64' : 'bool'
}

function compare(found: Tensor, wanted: Encoded, tolerance: number): string | undefined {
  const is = `${found.type} [${found.dims}]`
  const should = `${wanted.type} [${wanted.dims}]`
  if (is !== should) return `${is}, expected ${should}`
  const values = new ARRAYS[wanted.type](new Uint8Array(Buffer.from(wanted.data, 'base64')).buffer)
  for (let n = 0; n < values.length; n++) {
    const [a, b] = [Number(found.data[n]), Number(values[n])]
    const close = a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))
    if (!close && !(Number.isNaN(a) && Number.isNaN(b))) return `element ${n} is ${a}, expected ${b}`
  }
  return undefined
}
