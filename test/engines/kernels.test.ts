// The kernels that take the places of those of tfjs-backend-wasm against the cpu backend, values and gradients: in
// WebAssembly, and in native code for every kind of processor that this one is.

import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { trainingAddon } from '../../src/engines/addon.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { numbers } from '../training/crystals.ts'

/** Sums of up to 70 float32 products of numbers below 1, in another order. */
const F32 = 2e-5

afterAll(() => void tf.setBackend('cpu'))

const addon = trainingAddon()
const KINDS = ['avx512', 'avx2', 'sse2', 'neon']
const isHere = (kind: string) => typeof addon !== 'string' && addon.use_variant(kind)
/** What the kernels run as. */
const MACHINES = ['wasm', ...KINDS.filter(isHere)]
afterAll(() => void KINDS.find(isHere))

async function start(machine: string): Promise<void> {
  await selectBackend(machine === 'wasm' || machine === 'cpu' ? machine : 'native')
  isHere(machine)
}

/** Evaluates on cpu and on a machine and compares every result. */
async function agree(machine: string, evaluate: () => tf.Tensor[]): Promise<void> {
  const results: { shape: number[]; data: ArrayLike<number> }[][] = []
  for (const each of ['cpu', machine]) {
    await start(each)
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

describe.each(MACHINES)('matmul on %s', (machine) => {
  const sizes = [
    { batch: [], rows: 17, inner: 33, columns: 9 },
    { batch: [3], rows: 5, inner: 8, columns: 16 },
    { batch: [2, 3], rows: 7, inner: 66, columns: 37 },
    { batch: [4], rows: 1, inner: 3, columns: 2 },
    { batch: [2], rows: 20, inner: 70, columns: 21 },
    // Few rows, for which columns are read where they are, and several tiles of 16 lanes.
    { batch: [2], rows: 14, inner: 40, columns: 80 },
    { batch: [], rows: 50, inner: 12, columns: 70 },
  ]
  for (const { batch, rows, inner, columns } of sizes) {
    for (const [ta, tb] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ]) {
      it(`[${batch}] ${rows}×${inner}×${columns}${ta ? ' aᵀ' : ''}${tb ? ' bᵀ' : ''}`, () =>
        agree(machine, () => {
          const a = random(1, [...batch, ...(ta ? [inner, rows] : [rows, inner])])
          const b = random(2, [...batch, ...(tb ? [columns, inner] : [inner, columns])])
          const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, ta, tb)
          const upstream = random(3, [...batch, rows, columns])
          return [product(a, b), ...tf.grads(product)([a, b], upstream)]
        }))
    }
  }

  it('one matrix against many', () =>
    agree(machine, () => {
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

describe.each(MACHINES)('gather on %s', (machine) => {
  it('picks rows, and sums gradients of rows picked twice', () =>
    agree(machine, () => {
      const index = tf.tensor2d([3, 0, 3, 1, 3, 0], [2, 3], 'int32')
      const pick = (x: tf.Tensor) => tf.gather(x, index)
      const table = random(1, [4, 7])
      return [pick(table), tf.grad(pick)(table, random(2, [2, 3, 7]))]
    }))

  it('picks rows of higher rank, of integers, and along another axis', () =>
    agree(machine, () => {
      const index = tf.tensor1d([2, 2, 0], 'int32')
      return [
        tf.gather(random(1, [3, 2, 5]), index),
        tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'), index),
        tf.gather(random(2, [2, 3]), index, 1),
      ]
    }))

  it('sums segments and leaves out negative ones', () =>
    agree(machine, () => [
      tf.unsortedSegmentSum(random(1, [5, 6]), tf.tensor1d([0, 2, -1, 2, 0], 'int32'), 4),
    ]))

  it('refuses an index outside the table', async () => {
    await start(machine)
    expect(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, 3], 'int32'))).toThrow('index 3 is not in 0 … 2')
  })
})

describe.each(MACHINES)('sum on %s', (machine) => {
  it('along leading axes, and along others', () =>
    agree(machine, () => {
      const x = random(1, [7, 3, 13])
      const sums = [[0], [0, 1], [-3, 1], [1], [2], [0, 2], [0, 1, 2], []].flatMap((axes) => [
        tf.sum(x, axes),
        tf.sum(x, axes, true),
      ])
      return [...sums, tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0), tf.sum(tf.zeros([0, 3]), 0)]
    }))
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
