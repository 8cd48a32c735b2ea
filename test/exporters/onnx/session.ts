// Runs a function with tfjs, and its export with onnxruntime and with the float64 evaluator, on the same numbers, at sizes
// of the test's choice.

import * as tf from '@tensorflow/tfjs'
import ort from 'onnxruntime-node'
import { expect } from 'vitest'
import type { ExportResult, InputSpec } from '../../../exporters/onnx/options.ts'
import { evaluateGraph } from '../../../exporters/onnx/reference/evaluate.ts'
import type { GraphInput } from '../../../exporters/onnx/reference/inputs.ts'
import type { Evaluated } from './onnx-reference.ts'

export type Sizes = Readonly<Record<string, number>>
/** `n` legal values for an input at these sizes. */
export type Values = (n: number, sizes: Sizes, random: () => number) => ArrayLike<number>
export type TestInput = Omit<InputSpec, 'sample'> & { readonly values?: Values }
export type Outputs = tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>
export type TestFunction = (inputs: Record<string, tf.Tensor>) => Outputs

/** float32 rounding of another order of operations, relative to max(1, |value|). */
export const F32 = 1e-5

/** CRYSTAL_ONNX_DEVICE=webgpu (or cuda) compares on that provider instead, where the machine has one. */
const device = process.env.CRYSTAL_ONNX_DEVICE ?? 'cpu'

/** Sin and Cos are the device's own on WebGPU: 2e-4 in software. */
export const TRIGONOMETRY = device === 'webgpu' ? 3e-4 : F32

// The threads of a shared machine must not spin.
const OPTIONS: ort.InferenceSession.SessionOptions = {
  executionProviders: [device],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
}

/** A repeatable sequence within [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const uniform =
  (low: number, high: number): Values =>
  (n, _, random) =>
    Float32Array.from({ length: n }, () => low + (high - low) * random())

/** Whole numbers in [low, high): many of them are equal. */
export const whole =
  (low: number, high: number): Values =>
  (n, _, random) =>
    Float32Array.from({ length: n }, () => low + Math.floor((high - low) * random()))

/** Row numbers of an axis whose size is this symbol or number. */
export const indicesBelow =
  (size: string | number): Values =>
  (n, sizes, random) =>
    Int32Array.from({ length: n }, () =>
      Math.floor(random() * (typeof size === 'number' ? size : sizes[size])),
    )

/** The inputs as the exporter wants them: recorded with values of the test's own kind. */
export function specs(inputs: Readonly<Record<string, TestInput>>): Record<string, InputSpec> {
  const random = randomNumbers(7)
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape, values }]) => {
      const sample: InputSpec['sample'] =
        values &&
        ((dims, sizes) =>
          values(
            dims.reduce((a, b) => a * b, 1),
            sizes,
            random,
          ))
      return [name, { dtype, shape, sample }]
    }),
  )
}

const defaultValues: Readonly<Record<string, Values>> = {
  float32: uniform(-2, 2),
  int32: whole(-5, 6),
  bool: whole(0, 2),
}

/** Every graph that was compared, for comparisons with others. */
export const evaluated: Evaluated[] = []

/**
 * Compares the export in onnxruntime with tfjs at `sizes`, and the float64 evaluator with onnxruntime. Types, shapes and
 * NaNs must be the same.
 * @param fed the inputs that the file has
 */
export async function expectSame(
  fn: TestFunction,
  inputs: Readonly<Record<string, TestInput>>,
  result: ExportResult,
  sizes: Sizes,
  tolerance = F32,
  fed: readonly string[] = Object.keys(inputs),
): Promise<void> {
  const session = await ort.InferenceSession.create(result.bytes, OPTIONS)
  const random = randomNumbers(42)
  const feeds: Record<string, ort.Tensor> = {}
  const tensors: Record<string, tf.Tensor> = {}
  const given: Record<string, GraphInput> = {}
  for (const [name, { dtype, shape, values = defaultValues[dtype] }] of Object.entries(inputs)) {
    const dims = shape.map((size) => (typeof size === 'number' ? size : sizes[size]))
    const numbers = values(
      dims.reduce((a, b) => a * b, 1),
      sizes,
      random,
    )
    const TypedArray = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
    const data = TypedArray.from(numbers as ArrayLike<number>)
    tensors[name] = tf.tensor(data, dims, dtype)
    if (!fed.includes(name)) continue
    feeds[name] = new ort.Tensor(dtype, data as Float32Array, dims)
    given[name] = { data, dims }
  }
  const [got, expected] = [await session.run(feeds), byName(fn(tensors), result)]
  const outputs = evaluateGraph(result.bytes, given)
  evaluated.push({ bytes: result.bytes, inputs: given, outputs })
  for (const [name, want] of expected) {
    const output = got[name]
    const wanted = `${want.dtype} [${want.shape}]`
    expect(`${output.type} [${output.dims}]`, `type of ${name}`).toBe(wanted)
    const values = Array.from(output.data as Float32Array, Number)
    expect(largestError(values, want.dataSync()), `largest error of ${name}`).toBeLessThanOrEqual(tolerance)
    const { type, dims, data } = outputs.get(name)!
    expect(`${type === 'float64' ? 'float32' : type} [${dims}]`, `type of ${name} in float64`).toBe(wanted)
    // What is too large for float32 is infinite there.
    const rounded = Float32Array.from(data as Float64Array, Number)
    expect(largestError(rounded, values), `largest error of ${name} in float64`).toBeLessThanOrEqual(
      tolerance,
    )
  }
  await session.release()
}

/** Relative to max(1, |wanted|); NaN unless both are. */
function largestError(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [found[i], wanted[i]]
    if (Object.is(a, b) || a === b) continue
    const error = Math.abs(a - b) / Math.max(1, Math.abs(b))
    if (!(error <= worst)) worst = error
  }
  return worst
}

function byName(outputs: Outputs, result: ExportResult): [string, tf.Tensor][] {
  if (outputs instanceof tf.Tensor) return [[result.outputs[0].name, outputs]]
  if (Array.isArray(outputs)) return outputs.map((tensor, i) => [result.outputs[i].name, tensor])
  return Object.entries(outputs)
}
