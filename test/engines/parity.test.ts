// The same losses on every backend that starts here: twenty steps of a small network, beside those on WebAssembly.

import * as tf from '@tensorflow/tfjs'
import { afterAll, expect, it } from 'vitest'
import { type ModelConfigInput, modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { initialState } from '../../src/training/state.ts'
import { optimiserStep, setStatistics } from '../../src/training/step.ts'
import { CRYSTALS } from '../training/crystals.ts'
import { describeBackend, LIKE_A_GPU, startBackend, type TestedBackend } from '../training/native.ts'

/** float32 rounding, amplified by the steps. */
const ACROSS_BACKENDS = 1e-4
const STEPS = 20

const small: ModelConfigInput = {
  architecture: 'crystalformer',
  num_layers: 2,
  model_dim: 16,
  head_num: 4,
  ff_dim: 16,
  value_pe_dist_real: 8,
}
const framed = { ...small, architecture: 'crystalframer', value_pe_angle_real: 16, value_pe_angle_wscale: 1 }
const along = { ...framed, frame_method: 'density', density_degree: 4 }
const ALL = [small, framed, along] as ModelConfigInput[]
/** On a software adapter a step of WebGPU takes seconds; the gradient of a crystalframer is refused there. */
const BACKENDS: Partial<Record<TestedBackend, ModelConfigInput[]>> = {
  native: ALL,
  tensorflow: ALL,
  [LIKE_A_GPU]: ALL,
  'tensorflow-gpu': ALL,
  webgpu: [{ ...small, num_layers: 1 }],
}
const SLOW = 240_000

afterAll(() => void tf.setBackend('cpu'))

async function losses(backend: TestedBackend, input: ModelConfigInput): Promise<number[]> {
  const engine = await startBackend(backend)
  const config = modelConfig(input)
  const { geometry } = geometryOf(config, 'converged', { radius: 5 })
  const options = trainingOptions({ learning_rate: 2e-3 })
  const feed = feedFor(engine, config, geometry)
  const source = localGradients(feed, config, options)
  const crystals = CRYSTALS.map(feed.prepare)
  const state = initialState(config, 2, 1)
  const batch = feed.upload(crystals)
  setStatistics(state.parameters, batch, config)
  batch.dispose()
  const found: number[] = []
  for (let n = 0; n < STEPS; n++) {
    const targets = Float32Array.of(1, -1, 0.5)
    const gradients = await source.ofMicroBatch(state.parameters, { crystals, targets }, 3)
    const { loss } = await optimiserStep(engine, state.parameters, state.optimiser, gradients, options, 2e-3)
    found.push(loss)
  }
  return found
}

for (const [name, networks] of Object.entries(BACKENDS)) {
  const backend = name as TestedBackend
  await describeBackend(backend, `the losses of 20 steps on ${backend}`, () => {
    it.each(networks)(
      'are those on wasm: $architecture $frame_method',
      async (input) => {
        const expected = await losses('wasm', input)
        const found = await losses(backend, input)
        expect(found[STEPS - 1]).toBeLessThan(found[0])
        for (const [n, loss] of found.entries()) {
          expect(Math.abs(loss - expected[n])).toBeLessThan(ACROSS_BACKENDS)
        }
      },
      SLOW,
    )
  })
}
