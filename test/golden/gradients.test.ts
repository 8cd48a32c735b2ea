// Gradients of the tiny networks against central differences of the independent float64 program
// (test/fixtures/golden/make.py), through the published box and on every backend that starts here.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, expect, it } from 'vitest'
import { geometryOf } from '../../models/attention/geometry.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { disposeAll, uploadWeights } from '../../src/training/tensors.ts'
import { fixture } from '../cli/run.ts'
import { predict } from '../models/tensors.ts'
import { describeBackend, LIKE_A_GPU } from '../training/native.ts'
import { FRAMED_CASES, goldenStructures, goldenWeights, TINY_CASES } from './goldens.ts'

/** float32 predictions. */
const F32_PREDICTION = 3e-7
/** Gradients of float32, relative to the largest of the tensor; those of the widths are small differences of large sums. */
const F32_GRADIENT = 1e-5

interface Expected {
  readonly targets: Readonly<Record<string, number>>
  readonly predictions: Readonly<Record<string, number>>
  /** by tensor and flat index */
  readonly gradients: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const crystals = goldenStructures()
const NETWORKS = [
  ['crystalformer', TINY_CASES.find(({ name }) => name === 'tiny_cf_real_box2')!],
  ['crystalframer', FRAMED_CASES.find(({ name }) => name === 'tiny_cfr_max')!],
] as const
const BACKENDS = ['cpu', 'wasm', 'native', 'tensorflow', LIKE_A_GPU, 'tensorflow-gpu'] as const

afterAll(() => void tf.setBackend('cpu'))

for (const backend of BACKENDS) await describeBackend(backend, backend, gradientsOf)

function gradientsOf(engine: () => Engine): void {
  it.each(NETWORKS)('%s', async (network, { config, weights: file }) => {
    const expected: Expected = JSON.parse(
      readFileSync(fixture(`golden/gradients_${network}_tiny.json`), 'utf8'),
    )
    const names = Object.keys(expected.targets)
    const weights = goldenWeights(file, config)
    for (const name of names) {
      const [found] = predict(weights, config, [crystals.get(name)!], 'published')
      expect(Math.abs(found - expected.predictions[name]), name).toBeLessThan(F32_PREDICTION)
    }

    const { geometry } = geometryOf(config, 'published')
    const feed = feedFor(engine(), config, geometry)
    const parameters = uploadWeights(weights)
    const batch = {
      crystals: names.map((name) => feed.prepare(crystals.get(name)!)),
      targets: Float32Array.from(names, (name) => expected.targets[name]),
    }
    const source = localGradients(feed, config, { loss: 'l1' })
    const { gradients } = await source.ofMicroBatch(parameters, batch, names.length)
    expect([...gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort())
    for (const [name, entries] of Object.entries(expected.gradients)) {
      const found = gradients.get(name)!.dataSync()
      // Few entries are known; were all others too large, so would these be.
      const scale = Math.max(...found.map(Math.abs))
      for (const [index, value] of Object.entries(entries)) {
        const difference = Math.abs(found[Number(index)] - value)
        expect(difference, `${name}[${index}]`).toBeLessThanOrEqual(F32_GRADIENT * scale)
      }
    }
    disposeAll(parameters, gradients)
  })
}
