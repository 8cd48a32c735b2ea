// Changes of type. A Cast to a float of any width keeps float64: the evaluator answers what the graph means, not what
// its floats round to. Floats become integers by dropping their fraction; what does not fit becomes the lowest integer,
// as on x86, and NaN too.

import { fault, input, type Operator } from './call.ts'
import { type ElementType, type Tensor, tensor, zeros } from './tensor.ts'

const TYPES: Readonly<Record<string, ElementType>> = {
  float32: 'float64',
  float16: 'float64',
  int64: 'int64',
  int32: 'int32',
  int8: 'int8',
  bool: 'bool',
}
const BITS = { int64: 64, int32: 32, int8: 8 } as const

export const Cast: Operator = (call) => {
  call.read.add('to')
  const { to } = call.node.attrs
  const type = TYPES[String(to)]
  if (!type) throw fault(call, `to element type ${to}, which no export has`)
  return converted(input(call, 0), type)
}

export const Identity: Operator = (call) => input(call, 0)

function converted(x: Tensor, type: ElementType): Tensor {
  if (x.type === type) return x
  const result = zeros(type, x.dims)
  const convert = conversion(x.type, type)
  // Arrays of numbers and of bigints differ in what they hold only.
  const [to, from] = [result, x.data] as Float64Array[]
  for (let n = 0; n < to.length; n++) to[n] = convert(from[n])
  return tensor(type, x.dims, result)
}

function conversion(from: ElementType, type: ElementType): (x: number | bigint) => number {
  if (type === 'float64') return Number
  if (type === 'bool') return (x) => (Number(x) === 0 ? 0 : 1)
  // Storing an integer in an array of integers keeps its lowest bits.
  const stored = (type === 'int64' ? BigInt : from === 'int64' ? lowest32 : Number) as typeof Number
  if (from !== 'float64') return stored
  const limit = 2 ** (BITS[type] - 1)
  return (x) => {
    const whole = Math.trunc(x as number)
    return stored(whole >= -limit && whole < limit ? whole : -limit)
  }
}

function lowest32(x: number | bigint): number {
  return Number(BigInt.asIntN(32, x as bigint))
}
