// An engine is what it was made as, and what is given it computes as it says: nothing asks tfjs which backend is current.

import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { globalNorm } from '../../src/training/clip.ts'
import { CRYSTALS } from '../training/crystals.ts'

afterAll(() => void tf.setBackend('cpu'))

const REPLACED = ['Identity', 'BatchMatMul', 'GatherV2', 'UnsortedSegmentSum', 'Sum']

describe('an engine', () => {
  it('places its kernels once, however often it is made', async () => {
    const first = await selectBackend('wasm')
    const placed = REPLACED.map((name) => tf.getKernel(name, 'wasm').kernelFunc)
    await selectBackend('cpu')
    const again = await selectBackend('wasm')
    expect(REPLACED.map((name) => tf.getKernel(name, 'wasm').kernelFunc)).toEqual(placed)
    expect(again.heap!.linear).toBe(first.heap!.linear)
  })

  it('without a heap leaves all to tfjs, on the same backend', async () => {
    const engine = await selectBackend('wasm')
    const plain = { ...engine, heap: undefined }
    const config = modelConfig({ model_dim: 16, head_num: 4, value_pe_dist_real: 8 })
    const { geometry } = geometryOf(config, 'converged', { radius: 4 })
    const fused = [engine, plain].map((given) => {
      const feed = feedFor(given, config, geometry)
      const batch = feed.upload([feed.prepare(CRYSTALS[0])])
      batch.dispose()
      return batch.fusedAttention !== undefined
    })
    expect(fused).toEqual([true, false])
    const gradients = [tf.tensor1d([3, 0]), tf.tensor1d([4])]
    expect(await globalNorm(plain, gradients)).toBe(5)
    tf.dispose(gradients)
  })

  it('takes helper threads where our kernels have no threads beside them', async () => {
    for (const name of ['cpu', 'wasm', 'native'] as const) {
      expect((await selectBackend(name)).takesHelpers).toBe(name !== 'cpu')
    }
  })
})
