// What we changed of TensorFlow, and that a step on it leaves nothing behind: neither a tensor nor a place on the heap.

import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ModelConfigInput, modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import type { OwnHeap } from '../../src/engines/own-heap.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { disposeState, initialState } from '../../src/training/state.ts'
import { optimiserStep, setStatistics } from '../../src/training/step.ts'
import { addToAverage } from '../../src/training/swa.ts'
import { CRYSTALS } from '../training/crystals.ts'
import { describeBackend } from '../training/native.ts'

await describeBackend('tensorflow', 'TensorFlow', (engine) => {
  let heap: OwnHeap
  beforeAll(() => {
    heap = engine().heap as OwnHeap
  })
  afterAll(() => void tf.setBackend('cpu'))

  it('steps, reshapes and casts as tfjs does', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([Number.NaN, -1, 0, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect([...tf.step(x).dataSync()]).toEqual([Number.NaN, 0, 0, 1, 1, 0])
      expect([...tf.step(x, 0.5).dataSync()]).toEqual([Number.NaN, 0.5, 0.5, 1, 1, 0.5])
      expect(tf.reshape(x, [2, 3]).shape).toEqual([2, 3])
      const [same, cast] = [tf.reshape(x, [6]), tf.cast(x, 'float32')]
      x.dispose()
      expect(same.dataSync()[3] + cast.dataSync()[3]).toBe(4)
      expect([...tf.cast(tf.tensor1d([1.5]), 'int32').dataSync()]).toEqual([1])
      const slope = tf.grad((y: tf.Tensor) => tf.relu(y).sum())(tf.tensor1d([-2, 3]))
      expect([...slope.dataSync()]).toEqual([0, 1])
    })
  })

  it.each(['crystalformer', 'crystalframer'] as const)(
    'a step leaves nothing behind: %s',
    async (architecture) => {
      const input = {
        architecture,
        num_layers: 2,
        model_dim: 16,
        head_num: 4,
        ff_dim: 16,
        value_pe_dist_real: 8,
      }
      const config = modelConfig(input as ModelConfigInput)
      const { geometry } = geometryOf(config, 'converged', { radius: 5 })
      const options = trainingOptions()
      const feed = feedFor(engine(), config, geometry)
      const source = localGradients(feed, config, options)
      const crystals = CRYSTALS.map(feed.prepare)
      const before = { tensors: tf.memory().numTensors, used: heap.bytes.used }
      const state = initialState(config, 2, 1)
      const first = feed.upload(crystals)
      expect(first.fusedAttention).toBeDefined()
      setStatistics(state.parameters, first, config)
      first.dispose()
      const seen: object[] = []
      for (let n = 0; n < 6; n++) {
        // Batches of different sizes, the same ones again and again.
        const some = crystals.slice(0, 1 + (n % 3))
        const batch = { crystals: some, targets: new Float32Array(some.length) }
        const gradients = await source.ofMicroBatch(state.parameters, batch, some.length)
        await optimiserStep(engine(), state.parameters, state.optimiser, gradients, options, 1e-3)
        addToAverage(state.average, state.parameters)
        seen.push({ tensors: tf.memory().numTensors, ...heap.bytes })
      }
      expect(seen[5]).toEqual(seen[2])
      expect(seen[4]).toEqual(seen[2])
      disposeState(state)
      expect({ tensors: tf.memory().numTensors, used: heap.bytes.used }).toEqual(before)
    },
  )
})
