// Whole training steps against the published code: forward, gradient, clipping, AdamW, learning rate.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { isTrainable } from '../../models/attention/parameters.ts'
import { networkOf } from '../../models/registry.ts'
import { readSafetensors } from '../../models/safetensors.ts'
import { structure } from '../../src/crystal/structure.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { adamWState } from '../../src/training/adamw.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { learningRate } from '../../src/training/schedule.ts'
import { optimiserStep } from '../../src/training/step.ts'
import { uploadWeights } from '../../src/training/tensors.ts'
import { shared } from '../shared.ts'

const GOLDEN = shared('golden/out/train_crystalformer.safetensors')
const STRUCTURES = shared('golden/structures.json')
const golden = GOLDEN ? readSafetensors(readFileSync(GOLDEN)) : undefined
const names: string[] = JSON.parse(golden?.metadata.structures ?? '[]')
const structures = STRUCTURES ? JSON.parse(readFileSync(STRUCTURES, 'utf8')) : {}
const missing = names.filter((name) => !Object.hasOwn(structures, name))
const runnable = golden !== undefined && missing.length === 0
const why = golden
  ? `needs the structures ${missing.join(', ')}`
  : 'needs golden/out/train_crystalformer.safetensors'

/** Float32 here, float64 there. */
const OUTPUT = 2e-6
/** The same, after up to four steps of 5e-4 in every weight. */
const LOSS = 1e-5
/** Adam's step is lr whatever the size of the gradient, so rounding can turn a tiny gradient's step around. */
const MEDIAN_WEIGHT = 1e-6

afterAll(() => void tf.setBackend('cpu'))

// The published run summed the plain box of two cells.
const config = modelConfig({ adaptive_cutoff_sigma: 0 })
const { geometry } = geometryOf(config, 'published')

function parametersBefore() {
  const file = shared('golden/weights/crystalformer_perturbed.safetensors')!
  return uploadWeights(readSafetensors(readFileSync(file)).tensors)
}

function crystal(name: string) {
  const { lattice, frac, z } = structures[name]
  return structure({ lattice, frac, species: z })
}

describe.skipIf(!golden)(`the published first forward${golden ? '' : ` (${why})`}`, () => {
  it('has the published outputs of the crystals that are here, by the fused kernel', async () => {
    const engine = await selectBackend('wasm')
    const feed = feedFor(engine, config, geometry)
    const here = names.filter((name) => !missing.includes(name))
    expect(here.length).toBeGreaterThan(0)
    const batch = feed.upload(here.map((name) => feed.prepare(crystal(name))))
    expect(batch.fusedAttention).toBeDefined()
    const outputs = networkOf(config)
      .forward(Object.fromEntries(parametersBefore()), config, batch.inputs, {
        fusedAttention: batch.fusedAttention,
      })
      .dataSync()
    const published = golden!.tensors.get('pred0')!.data
    for (const [n, name] of here.entries()) {
      expect(Math.abs(outputs[n] - published[names.indexOf(name)]), name).toBeLessThan(OUTPUT)
    }
  })
})

describe.skipIf(!runnable)(`the published steps${runnable ? '' : ` (${why})`}`, () => {
  it('have the published losses, gradient norms, learning rates and weights', async () => {
    const engine = await selectBackend('wasm')
    const options = trainingOptions()
    const feed = feedFor(engine, config, geometry)
    const crystals = names.map((name) => feed.prepare(crystal(name)))
    const targets: number[] = JSON.parse(golden!.metadata.targets)
    const log: { loss: number; grad_norm: number; lr: number }[] = JSON.parse(golden!.metadata.log)
    const parameters = parametersBefore()
    const optimiser = adamWState(parameters, [...parameters.keys()].filter(isTrainable))
    for (const [t, expected] of log.entries()) {
      const rate = learningRate(options, t, 1)
      const batch = { crystals, targets: Float32Array.from(targets) }
      const gradients = await localGradients(feed, config, options).ofMicroBatch(
        parameters,
        batch,
        targets.length,
      )
      const found = await optimiserStep(engine, parameters, optimiser, gradients, options, rate)
      expect(rate).toBeCloseTo(expected.lr, 12)
      expect(Math.abs(found.loss - expected.loss)).toBeLessThan(LOSS)
      expect(Math.abs(found.gradNorm / expected.grad_norm - 1)).toBeLessThan(1e-4)
      const stored = golden!.tensors.has(`weights_after_step${t}/mlp.0.bias`)
      if (!stored) continue
      for (const [name, tensor] of parameters) {
        const published = golden!.tensors.get(`weights_after_step${t}/${name}`)!.data
        const difference = tensor.dataSync().map((x, i) => Math.abs(x - published[i])) as Float32Array
        expect(difference.sort()[difference.length >> 1], name).toBeLessThan(MEDIAN_WEIGHT)
      }
    }
  })
})
