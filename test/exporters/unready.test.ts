// A backend of TensorFlow.js that starts asynchronously, and an export that begins before it has: as in a script that imports
// both and calls at once.

import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { initialiseWeights } from '../../models/attention/initialise.ts'

it('is waited for', async () => {
  expect(tf.engine().backendName).toBeUndefined()
  const config = modelConfig({ num_layers: 1, model_dim: 16, head_num: 2, ff_dim: 16, embedding_dim: [16] })
  const weights = initialiseWeights(config, 1)
  // As it would be after a step of training: weights that never were trained are refused.
  for (const [name, { data }] of weights) if (name.endsWith('gauss_scale')) data.set([1, 0])
  const { bytes } = await exportCrystalModel({
    ...{ weights, config },
    targets: [{ name: 'energy', unit: 'eV', mean: 0, std: 1 }],
    geometry: { radius: 5 },
  })
  expect(bytes.length).toBeGreaterThan(1000)
  expect(tf.getBackend()).toBe('wasm')
})
