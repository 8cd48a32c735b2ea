import { describe, expect, it } from 'vitest'
import { readSafetensors, readSafetensors64, writeSafetensors } from '../../models/safetensors.ts'
import { WeightsError } from '../../src/errors.ts'

/** A file by hand: header text, then data. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

const tensor = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('readSafetensors', () => {
  it('reads every floating type', () => {
    const data = new Uint8Array(8 + 4 + 8 + 4)
    const view = new DataView(data.buffer)
    view.setFloat64(0, 0.1, true)
    view.setFloat32(8, -1.5, true)
    // binary16: 1, −2, the smallest subnormal, infinity
    ;[0x3c00, 0xc000, 0x0001, 0x7c00].forEach((bits, n) => void view.setUint16(12 + 2 * n, bits, true))
    // bfloat16: 1, −0.15625
    ;[0x3f80, 0xbe20].forEach((bits, n) => void view.setUint16(20 + 2 * n, bits, true))
    const bytes = file(
      {
        double: tensor('F64', [1], 0, 8),
        single: tensor('F32', [], 8, 12),
        half: tensor('F16', [2, 2], 12, 20),
        brain: tensor('BF16', [2], 20, 24),
      },
      data,
    )
    const { tensors } = readSafetensors(bytes)
    expect([...tensors.keys()]).toEqual(['double', 'single', 'half', 'brain'])
    expect(tensors.get('double')!.data).toEqual(Float32Array.of(0.1))
    expect(tensors.get('single')).toEqual({ shape: [], data: Float32Array.of(-1.5) })
    expect(tensors.get('half')!.data).toEqual(Float32Array.of(1, -2, 2 ** -24, Number.POSITIVE_INFINITY))
    expect(tensors.get('brain')!.data).toEqual(Float32Array.of(1, -0.15625))
    expect(readSafetensors64(bytes).tensors.get('double')!.data).toEqual(Float64Array.of(0.1))
  })

  it('reads from the middle of a larger, unaligned buffer', () => {
    const bytes = file({ a: tensor('F32', [1], 0, 4) }, new Uint8Array(Float32Array.of(7).buffer))
    const larger = new Uint8Array(bytes.length + 9)
    larger.set(bytes, 3)
    const within = larger.subarray(3, 3 + bytes.length)
    expect(readSafetensors(within).tensors.get('a')!.data).toEqual(Float32Array.of(7))
    // a Node Buffer's own slice() shares memory, which once gave every tensor the bytes of the whole file
    expect(readSafetensors(Buffer.from(within)).tensors.get('a')!.data).toEqual(Float32Array.of(7))
  })

  it('keeps names that JavaScript objects give a meaning', () => {
    const bytes = file(
      '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      new Uint8Array(4),
    )
    const { tensors, metadata } = readSafetensors(bytes)
    expect(tensors.has('__proto__')).toBe(true)
    expect(Object.keys(metadata)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  const huge = new Uint8Array(16)
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true)

  it.each<[string, Uint8Array, RegExp]>([
    ['too short', new Uint8Array(7), /7 bytes are too few/],
    ['a header beyond the bound', huge, /at most 16777216/],
    ['a truncated header', file({ a: 1 }).subarray(0, 10), /truncated/],
    ['no JSON', file('hello'), /not JSON/],
    ['bytes that are not UTF-8', file('{}').fill(0xff, 8), /not JSON/],
    ['deep nesting', file('['.repeat(500_000)), /not JSON/],
    ['an array', file('[]'), /not a JSON object/],
    ['an entry that is no object', file({ a: 4 }), /tensor a: .*not an object/],
    ['an unknown type', file({ a: tensor('I32', [1], 0, 4) }, new Uint8Array(4)), /"I32" is not one of F64/],
    ['a type named like a method', file({ a: tensor('toString', [1], 0, 4) }), /"toString"/],
    ['a negative size', file({ a: tensor('F32', [-1], 0, 4) }, new Uint8Array(4)), /shape \[-1\]/],
    ['too many axes', file({ a: tensor('F32', Array(9).fill(1), 0, 4) }, new Uint8Array(4)), /at most 8/],
    [
      'sizes that do not fit the bytes',
      file({ a: tensor('F32', [2], 0, 4) }, new Uint8Array(4)),
      /expected 8/,
    ],
    [
      'sizes whose product overflows',
      file({ a: tensor('F32', [2 ** 52, 2 ** 52], 0, 4) }),
      /4 bytes for shape/,
    ],
    [
      'offsets that are no pair',
      file({ a: { dtype: 'F32', shape: [], data_offsets: [0] } }),
      /data_offsets \[0\]/,
    ],
    [
      'an end beyond the file',
      file({ a: tensor('F32', [2], 0, 8) }, new Uint8Array(4)),
      /truncated: tensor a/,
    ],
    [
      'overlap',
      file({ a: tensor('F32', [1], 0, 4), b: tensor('F32', [1], 2, 6) }, new Uint8Array(6)),
      /starts at byte 2, expected 4/,
    ],
    ['a gap', file({ a: tensor('F32', [1], 4, 8) }, new Uint8Array(8)), /starts at byte 4, expected 0/],
    [
      'bytes that belong to nothing',
      file({ a: tensor('F32', [1], 0, 4) }, new Uint8Array(6)),
      /2 bytes after/,
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /"a" is not a string/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(WeightsError)
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(/^w\.safetensors: /)
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(message)
  })
})

describe('writeSafetensors', () => {
  it('writes what the reader reads, in order, aligned, and the same every time', () => {
    const weights = new Map([
      ['z', { shape: [2, 1], data: Float32Array.of(1, 2) }],
      ['a', { shape: [], data: Float32Array.of(3) }],
      ['empty', { shape: [0, 4], data: new Float32Array() }],
    ])
    const bytes = writeSafetensors(weights, { format: 'pt', note: 'σ "quoted"' })
    expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n)
    const { tensors, metadata } = readSafetensors(bytes)
    expect(tensors.get('z')).toEqual(weights.get('z'))
    expect(tensors.get('a')).toEqual(weights.get('a'))
    expect(tensors.get('empty')).toEqual(weights.get('empty'))
    expect(metadata).toEqual({ format: 'pt', note: 'σ "quoted"' })
    expect(writeSafetensors(tensors, metadata)).toEqual(bytes)
  })

  it('refuses a shape that does not fit its data', () => {
    expect(() => writeSafetensors(new Map([['a', { shape: [2], data: new Float32Array(3) }]]))).toThrow(
      /a: 3 numbers for shape \[2\]/,
    )
  })
})
