// The discrete Fourier transform along the last axis, as products with matrices of cosines and sines; complex tensors are
// two real ones here. ONNX's DFT wants another layout, and GPU providers lack it.

import { ExportError } from '../../../src/errors.ts'
import type { Builder } from '../builder.ts'
import { format } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import { type Call, input, type Lowering } from './lowering.ts'

/** A matrix of more rows is too large for a file: 64 MiB. */
const LONGEST = 4096

/** Whether a tensor holds zeros only, as far as is known before it runs. */
function isZero(value: Value): boolean {
  const data = constantData(value)
  if (data) return data.every((x) => x === 0)
  const node = producer(value)
  return ['Expand', 'Reshape', 'Transpose'].includes(node?.op ?? '') && isZero(node!.inputs[0]!)
}

/** f(2π·row·column/length)·scale */
function wave(g: Builder, length: number, f: (angle: number) => number, scale: number): Value {
  const table = Float32Array.from({ length }, (_, n) => scale * f((2 * Math.PI * n) / length))
  const data = Float32Array.from(
    { length: length * length },
    (_, i) => table[(Math.floor(i / length) * (i % length)) % length],
  )
  return g.constant(data, [length, length])
}

/** Σ_n (re + i·im)_n·e^(∓2πi·kn/N), for the inverse divided by N. */
function transformed(g: Builder, call: Call, direction: 1 | -1): Value[] {
  const [real, imag] = [input(call, 'real'), input(call, 'imag')]
  const length = real.shape[real.shape.length - 1]
  if (typeof length !== 'number' || length > LONGEST) {
    throw new ExportError(
      `${call.kernel} of length ${format(length)}: only a fixed length up to ${LONGEST} can be exported; make it a number in ` +
        'the input shape',
    )
  }
  const scale = direction === 1 ? 1 : 1 / length
  const cos = wave(g, length, Math.cos, scale)
  const sin = wave(g, length, Math.sin, direction * scale)
  const times = (x: Value, matrix: Value) => (isZero(x) ? undefined : g.op('MatMul', [x, matrix]))
  const sum = (a: Value | undefined, b: Value | undefined) =>
    a && b ? g.op('Add', [a, b]) : (a ?? b ?? real)
  const difference = (a: Value | undefined, b: Value | undefined) => {
    if (!b) return a ?? real
    return a ? g.op('Sub', [a, b]) : g.op('Neg', [b])
  }
  return [sum(times(real, cos), times(imag, sin)), difference(times(imag, cos), times(real, sin))]
}

export const FFT: Lowering = (g, call) => transformed(g, call, 1)
export const IFFT: Lowering = (g, call) => transformed(g, call, -1)

/** √(re² + im²) */
export const ComplexAbs: Lowering = (g, call) => {
  const [real, imag] = ['real', 'imag'].map((name) => {
    const part = input(call, name)
    return g.op('Mul', [part, part])
  })
  return g.op('Sqrt', [g.op('Add', [real, imag])])
}
