// The wasm backend's replaced kernels against the cpu backend, values and gradients, and that the committed bytes are
// what the sources compile to.

import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { onSphere } from '../../models/crystalframer/frames/monomials.ts'
import { polynomialsOf } from '../../models/crystalframer/frames/signature.ts'
import { compileKernels, generatedSource } from '../../src/engines/compile.ts'
import { KERNELS } from '../../src/engines/generated/kernels.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { polynomialProducts } from '../../src/engines/signature-products.ts'
import { numbers } from '../training/crystals.ts'

/** Sums of up to 70 float32 products of numbers below 1, in another order. */
const F32 = 2e-5

afterAll(() => void tf.setBackend('cpu'))

/** Evaluates on cpu and on wasm and compares every result. */
async function agree(evaluate: () => tf.Tensor[]): Promise<void> {
  const results: { shape: number[]; data: ArrayLike<number> }[][] = []
  for (const backend of ['cpu', 'wasm'] as const) {
    await selectBackend(backend)
    tf.tidy(() => {
      results.push(evaluate().map((t) => ({ shape: t.shape, data: t.dataSync() as ArrayLike<number> })))
    })
  }
  const [expected, found] = results
  expect(found.map((t) => t.shape)).toEqual(expected.map((t) => t.shape))
  for (const [n, { data }] of expected.entries()) {
    let worst = 0
    for (let i = 0; i < data.length; i++) worst = Math.max(worst, Math.abs(data[i] - found[n].data[i]))
    expect(worst, `result ${n}`).toBeLessThan(F32)
  }
}

function random(seed: number, shape: number[]): tf.Tensor {
  return tf.tensor(
    numbers(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  )
}

describe('matmul on wasm', () => {
  const sizes = [
    { batch: [], rows: 17, inner: 33, columns: 9 },
    { batch: [3], rows: 5, inner: 8, columns: 16 },
    { batch: [2, 3], rows: 7, inner: 66, columns: 37 },
    { batch: [4], rows: 1, inner: 3, columns: 2 },
    { batch: [2], rows: 20, inner: 70, columns: 21 },
  ]
  for (const { batch, rows, inner, columns } of sizes) {
    for (const [ta, tb] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ]) {
      it(`[${batch}] ${rows}×${inner}×${columns}${ta ? ' aᵀ' : ''}${tb ? ' bᵀ' : ''}`, () =>
        agree(() => {
          const a = random(1, [...batch, ...(ta ? [inner, rows] : [rows, inner])])
          const b = random(2, [...batch, ...(tb ? [columns, inner] : [inner, columns])])
          const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, ta, tb)
          const upstream = random(3, [...batch, rows, columns])
          return [product(a, b), ...tf.grads(product)([a, b], upstream)]
        }))
    }
  }

  it('one matrix against many', () =>
    agree(() => {
      const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b)
      const single = random(1, [1, 6, 8])
      const many = random(2, [5, 8, 12])
      return [
        product(single, many),
        tf.matMul(many, tf.transpose(single, [0, 2, 1]), true),
        product(random(4, [5, 6, 8]), random(5, [1, 8, 4])),
      ]
    }))
})

describe('gather on wasm', () => {
  it('picks rows, and sums gradients of rows picked twice', () =>
    agree(() => {
      const index = tf.tensor2d([3, 0, 3, 1, 3, 0], [2, 3], 'int32')
      const pick = (x: tf.Tensor) => tf.gather(x, index)
      const table = random(1, [4, 7])
      return [pick(table), tf.grad(pick)(table, random(2, [2, 3, 7]))]
    }))

  it('picks rows of higher rank, of integers, and along another axis', () =>
    agree(() => {
      const index = tf.tensor1d([2, 2, 0], 'int32')
      return [
        tf.gather(random(1, [3, 2, 5]), index),
        tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'), index),
        tf.gather(random(2, [2, 3]), index, 1),
      ]
    }))

  it('sums segments and leaves out negative ones', () =>
    agree(() => [tf.unsortedSegmentSum(random(1, [5, 6]), tf.tensor1d([0, 2, -1, 2, 0], 'int32'), 4)]))

  it('refuses an index outside the table', async () => {
    await selectBackend('wasm')
    expect(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, 3], 'int32'))).toThrow('index 3 is not in 0 … 2')
  })
})

describe('identity on wasm', () => {
  it('shares its numbers, which live as long as one of the two', async () => {
    await selectBackend('wasm')
    const before = tf.memory()
    const x = tf.tensor1d([1, 2, 3])
    const same = tf.clone(x)
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers + 1)
    x.dispose()
    tf.ones([3]).dispose()
    expect([...same.dataSync()]).toEqual([1, 2, 3])
    same.dispose()
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
  })
})

/** [n, 12] as [3, 4, n], and back. */
const rowsFirst = (x: tf.Tensor) => tf.reshape(tf.transpose(x), [3, 4, -1]) as tf.Tensor3D
const componentsFirst = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [12, -1])) as tf.Tensor2D

describe('the signature by lists of products', () => {
  it('is that of models/', async () => {
    const { heap } = await selectBackend('wasm')
    tf.tidy(() => {
      const [moments, e1] = [random(1, [25, 12]) as tf.Tensor2D, random(2, [3, 12]) as tf.Tensor2D]
      // There all moments are given, and the coefficients are of all degrees.
      const onSphereOf = (x: tf.Tensor, from: number[], to: [number, number]) =>
        tf.matMul(tf.tensor2d(onSphere(from, to)), componentsFirst(x))
      const means = tf.matMul(tf.tensor2d(onSphere([1, 2, 3, 4], [3, 4])), moments, true)
      const [expected, found] = [polynomialsOf(moments), polynomialProducts(heap!, rowsFirst(means))]
      for (const [a, b] of [
        [expected.ofAll, onSphereOf(found.ofAll, [1, 2, 3, 4, 5], [4, 5])],
        [expected.besides(e1), onSphereOf(found.besides(rowsFirst(e1)), [1, 2, 3, 4], [3, 4])],
      ]) {
        const size = tf.max(tf.abs(a)).dataSync()[0]
        expect(b.shape).toEqual(a.shape)
        expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] / size).toBeLessThan(F32)
      }
    })
  })
})

describe('generated/kernels.ts', () => {
  it('is what assembly/ compiles to (else: npm run kernels)', async () => {
    const binary = await compileKernels()
    expect(generatedSource(binary)).toContain(Buffer.from(binary).toString('base64').slice(0, 100))
    expect(Buffer.from(binary).toString('base64')).toBe(KERNELS)
  })
})
