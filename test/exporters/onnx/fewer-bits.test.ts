// Constants in fewer bits: rounding against the definition of the formats, and files that compute the same numbers.

import * as tf from '@tensorflow/tfjs-core'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { evaluateGraph } from '../../../exporters/onnx/reference/evaluate.ts'
import { fromFloat16, packInt8, roundToInt8, toFloat16, unpackInt8 } from '../../../src/math/fewer-bits.ts'

/** Numbers over many orders of magnitude, the same on every run. */
function numbers(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, n) => Math.sin(12.9898 * (n + 1)) * 2 ** ((n * 7) % 40) * 2 ** -28,
  )
}

/** Every finite float16 from its definition, ascending, with its bits. */
const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => {
  const [exponent, fraction] = [bits >> 10, bits & 0x3ff]
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
})

describe('float16', () => {
  it('has the bits that IEEE 754 gives', () => {
    const cases: [number, number][] = [
      [0, 0x0000],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65519, 0x7bff],
      [65520, 0x7c00],
      [Number.POSITIVE_INFINITY, 0x7c00],
      [2 ** -14, 0x0400],
      [2 ** -24, 0x0001],
      [2 ** -25, 0x0000],
      [1.5 * 2 ** -25, 0x0001],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [1 / 3, 0x3555],
    ]
    expect([...toFloat16(Float32Array.from(cases, ([x]) => x))]).toEqual(cases.map(([, bits]) => bits))
    expect(fromFloat16(toFloat16(Float32Array.of(Number.NaN)))[0]).toBeNaN()
  })

  it('holds every one of its numbers exactly, and rounds others to the nearest', () => {
    expect([...fromFloat16(Uint16Array.from(FINITE.keys()))]).toEqual(FINITE)
    expect([...toFloat16(Float32Array.from(FINITE))]).toEqual([...FINITE.keys()])
    const given = numbers(3000)
    const found = fromFloat16(toFloat16(given))
    given.forEach((x, n) => {
      const above = FINITE.findIndex((y) => y >= Math.abs(x))
      const nearest = Math.min(
        ...FINITE.slice(Math.max(0, above - 1), above + 1).map((y) => Math.abs(y - Math.abs(x))),
      )
      expect(Math.abs(found[n] - x)).toBe(nearest)
    })
  })
})

describe('int8', () => {
  const columns = { group: 32, inner: 3 }

  it('rounds each column to its own grid of 255 numbers', () => {
    const given = numbers(2 * 32 * 3)
    const rounded = roundToInt8(given, columns)
    for (let outer = 0; outer < 2; outer++) {
      for (let i = 0; i < 3; i++) {
        const members = Array.from({ length: 32 }, (_, g) => outer * 96 + 3 * g + i)
        const largest = Math.max(...members.map((n) => Math.abs(given[n])))
        for (const n of members) {
          expect(Math.abs(rounded[n] - given[n])).toBeLessThanOrEqual((largest / 127) * 0.51)
        }
      }
    }
  })

  it('packs what was rounded, also a part of it or its transpose, and nothing else', () => {
    const rounded = roundToInt8(numbers(32 * 40), { group: 40, inner: 1 })
    const transposed = rounded.map((_, n) => rounded[(n % 32) * 40 + Math.floor(n / 32)])
    const upper = transposed.slice(0, 20 * 32)
    for (const [values, layout] of [
      [rounded, { group: 40, inner: 1 }],
      [transposed, { group: 40, inner: 32 }],
      [upper, { group: 20, inner: 32 }],
    ] as const) {
      const packed = packInt8(values, layout)
      expect(packed && unpackInt8(packed, layout)).toEqual(values)
    }
    expect(packInt8(numbers(96), columns)).toBeUndefined()
    expect(packInt8(new Float32Array(96), columns)).toBeDefined()
  })
})

describe('packing', () => {
  const table = roundToInt8(numbers(40 * 64), { group: 40, inner: 64 })
  const halves = fromFloat16(toFloat16(numbers(40 * 64)))
  const exported = (values: Float32Array, packing?: 'float16' | 'int8') => {
    const w = tf.tensor2d(values, [40, 64])
    return exportOnnx(
      ({ x }) => ({ y: tf.matMul(x as tf.Tensor2D, w) }),
      { x: { dtype: 'float32', shape: ['n', 40] } },
      { packing },
    )
  }
  const run = async (bytes: Uint8Array) => {
    const session = await ort.InferenceSession.create(bytes)
    const { y } = await session.run({ x: new ort.Tensor('float32', numbers(80), [2, 40]) })
    await session.release()
    return y.data as Float32Array
  }

  it.each([
    ['float16', halves, 2],
    ['int8', table, 3],
  ] as const)('in %s computes the same numbers from a smaller file', async (packing, values, times) => {
    const [plain, packed] = [await exported(values), await exported(values, packing)]
    expect(plain.bytes.length).toBeGreaterThan(times * (packed.bytes.length - 1000))
    const { graph } = decodeModel(packed.bytes)
    expect(graph.initializers.map(({ dtype }) => dtype)).toContain(packing)
    expect(await run(packed.bytes)).toEqual(await run(plain.bytes))
    const inFloat64 = [packed, plain].map(({ bytes }) =>
      evaluateGraph(bytes, { x: { data: numbers(80), dims: [2, 40] } }),
    )
    expect(inFloat64[0]).toEqual(inFloat64[1])
  })

  it('leaves constants alone that need all their bits', async () => {
    for (const packing of ['float16', 'int8'] as const) {
      expect((await exported(numbers(2560), packing)).bytes).toEqual((await exported(numbers(2560))).bytes)
    }
  })
})
