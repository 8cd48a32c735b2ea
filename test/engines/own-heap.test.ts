// Tensors on a heap of our own: between it and another backend, when it grows, and when it cannot. With the cpu backend
// in the place of TensorFlow, which gives and takes tensors in the same way.

import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kernelsOf, takeWasmKernels } from '../../src/engines/kernels.ts'
import { OwnHeap } from '../../src/engines/own-heap.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { TrainingError } from '../../src/errors.ts'

const PAGE = 65_536

beforeAll(() => selectBackend('cpu'))
afterAll(() => void tf.setBackend('cpu'))

/** A tensor that a kernel made: row 1 of [[1, 2], [3, 4]]. */
function picked(heap: OwnHeap): tf.Tensor {
  const [table, index, out] = [
    tf.tensor2d([1, 2, 3, 4], [2, 2]),
    tf.tensor1d([1], 'int32'),
    heap.allocate([1, 2]),
  ]
  const places = [table, index, out].map((x) => heap.offsetOf(x))
  kernelsOf(heap.linear).gather_rows(1, 2, ...places)
  tf.dispose([table, index])
  return out
}

async function heapWithKernels(): Promise<OwnHeap> {
  const heap = new OwnHeap()
  await takeWasmKernels(heap)
  return heap
}

describe('OwnHeap', () => {
  it('takes tensors of a backend, and gives it those of kernels', async () => {
    const heap = await heapWithKernels()
    const { used } = heap.bytes
    const tensors = tf.memory().numTensors
    const out = picked(heap)
    expect([...out.dataSync()]).toEqual([3, 4])
    expect([...(await out.data())]).toEqual([3, 4])
    // An operation of the backend takes it off the heap; a kernel could take it back.
    const sum = tf.add(out, 1)
    expect(heap.bytes.used).toBe(used)
    expect([...sum.dataSync()]).toEqual([4, 5])
    heap.offsetOf(out)
    expect(heap.bytes.used).toBe(used + 64)
    expect([...out.dataSync()]).toEqual([3, 4])
    tf.dispose([out, sum])
    expect(heap.bytes.used).toBe(used)
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('uses a place again once its tensor was disposed of, and not for a tensor that was read before', () => {
    const heap = new OwnHeap()
    const first = heap.allocate([4])
    const at = heap.offsetOf(first)
    const values = first.dataSync()
    first.dispose()
    const second = tf.tensor1d([5, 6, 7, 8])
    expect(heap.offsetOf(second)).toBe(at)
    expect([...values]).toEqual([0, 0, 0, 0])
    expect([...second.dataSync()]).toEqual([5, 6, 7, 8])
  })

  it('keeps places and values when it grows', async () => {
    const heap = await heapWithKernels()
    const out = picked(heap)
    const [at, before] = [heap.offsetOf(out), heap.linear.buffer]
    const large = heap.allocate([8 * 1024 * 1024])
    expect(before.byteLength, 'a detached buffer').toBe(0)
    expect(heap.offsetOf(out)).toBe(at)
    expect([...out.dataSync()]).toEqual([3, 4])
    expect([...picked(heap).dataSync()]).toEqual([3, 4])
    tf.dispose([out, large])
  })

  it('does not grow for steps like those before', () => {
    const heap = new OwnHeap()
    const step = (n: number) => {
      const tensors = [30_000, 70_000, 500, 4_000_000].map((size, k) =>
        heap.allocate([size + ((n * k) % 7) * 16]),
      )
      tf.dispose(tensors)
    }
    for (let n = 0; n < 7; n++) step(n)
    const { reserved } = heap.bytes
    for (let n = 0; n < 100; n++) step(n)
    expect(heap.bytes).toEqual({ used: 0, reserved })
  })

  it('says what to do when its limit is reached, and goes on with what fits', () => {
    const heap = new OwnHeap(4)
    const fits = heap.allocate([(3 * PAGE) / 4])
    expect(() => heap.allocate([PAGE])).toThrow(TrainingError)
    expect(() => heap.allocate([PAGE])).toThrow(/1 MB beside 1 MB, of 1 MB at most; lower max_batch_atoms/)
    fits.dispose()
    const after = heap.allocate([PAGE])
    expect(heap.bytes).toEqual({ used: 4 * PAGE, reserved: 4 * PAGE })
    after.dispose()
  })
})
