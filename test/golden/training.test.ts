// The first training step of the published code, from the perturbed weights: its predictions and its gradient, on every
// backend that starts here; on wasm by the fused kernels.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { parameterShapes } from '../../models/attention/parameters.ts'
import { networkOf } from '../../models/registry.ts'
import { readSafetensors, type Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { disposeAll, uploadWeights } from '../../src/training/tensors.ts'
import { parametersOf } from '../models/tensors.ts'
import { needs, shared } from '../shared.ts'
import { describeBackend, LIKE_A_GPU } from '../training/native.ts'
import { goldenStructures, goldenWeights, largestDifference } from './goldens.ts'

/** float32 predictions; the stored ones are float32 too. */
const F32_PREDICTION = 3e-7
/** Gradients of float32 against rounded float64, relative to the largest of the tensor. */
const F32_GRADIENT = 2e-6

const FILE = 'golden/out/train_crystalformer.safetensors'
const path = shared(FILE)
const config: ModelConfig = modelConfig({ adaptive_cutoff_sigma: 0 })
const { geometry } = geometryOf(config, 'published')

interface Step {
  readonly crystals: readonly { name: string; target: number; prediction: number }[]
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** before the step */
  readonly weights: Weights
}

const structures = goldenStructures()
const step = path === undefined ? undefined : readStep(path)
const missing = step?.crystals.map(({ name }) => name).filter((name) => !structures.has(name)) ?? []

let engine: () => Engine
afterAll(() => void tf.setBackend('cpu'))

if (step === undefined) it.skip(`train_crystalformer: ${needs(FILE)}`, () => {})
else {
  for (const backend of ['cpu', 'wasm', 'native', 'tensorflow', LIKE_A_GPU, 'tensorflow-gpu'] as const) {
    await describeBackend(backend, `train_crystalformer on ${backend}`, (started) => {
      beforeAll(() => {
        engine = started
      })
      theFirstStep()
    })
  }
}

function theFirstStep(): void {
  it('predictions of the first forward', () => {
    for (const { name, prediction } of known()) {
      const predicted = forward(step!.weights, structures.get(name)!)
      expect(Math.abs(predicted - prediction), name).toBeLessThan(F32_PREDICTION)
    }
  })

  it('gradients of the embeddings of elements that occur in no other crystal', async () => {
    const unknown = step!.crystals.filter(({ name }) => !structures.has(name))
    // crystals without coordinates here still say which elements they hold
    const foreign = new Set(unknown.flatMap(({ name }) => ELEMENTS_OF[name]))
    const own = new Set(
      known().flatMap(({ name }) => structures.get(name)!.species.map((site) => site[0].element)),
    )
    const name = 'input_embeddings.weight'
    const found = (await gradientsOf(known(), step!.crystals.length)).get(name)!
    const expected = step!.gradients.get(name)!
    const [d, elements] = parameterShapes(config).get(name)!
    const scale = Math.max(...expected.map(Math.abs))
    const compared = [...own].filter((element) => !foreign.has(element))
    expect(compared.length).toBeGreaterThanOrEqual(6)
    for (const element of compared) {
      const column = (all: Float32Array) =>
        Array.from({ length: d }, (_, row) => all[row * elements + element - 1])
      expect(largestDifference(column(found), column(expected)) / scale, `Z = ${element}`).toBeLessThan(
        F32_GRADIENT,
      )
    }
  })

  const whole = missing.length === 0 ? 'whole step' : `whole step: no coordinates of ${missing.join(', ')}`
  it.skipIf(missing.length > 0)(whole, async () => {
    for (const [name, found] of await gradientsOf(step!.crystals, step!.crystals.length)) {
      const expected = step!.gradients.get(name)!
      const scale = Math.max(...expected.map(Math.abs))
      expect(largestDifference(found, expected) / scale, name).toBeLessThan(F32_GRADIENT)
    }
  })
}

const ELEMENTS_OF: Readonly<Record<string, number[]>> = { Cu_fcc_rattled: [29], NaCl_conv_rattled: [11, 17] }

function known() {
  return step!.crystals.filter(({ name }) => structures.has(name))
}

function forward(weights: Weights, crystal: Structure): number {
  const feed = feedFor(engine(), config, geometry)
  const batch = feed.upload([feed.prepare(crystal)])
  const { fusedAttention } = batch
  const predicted = tf.tidy(() =>
    networkOf(config).forward(parametersOf(weights), config, batch.inputs, { fusedAttention }).dataSync(),
  )
  batch.dispose()
  return predicted[0]
}

/** Gradient of Σ |prediction − target| / count by parameter, as training computes it. */
async function gradientsOf(crystals: Step['crystals'], count: number): Promise<Map<string, Float32Array>> {
  const feed = feedFor(engine(), config, geometry)
  const source = localGradients(feed, config, { loss: 'l1' })
  const parameters = uploadWeights(step!.weights)
  const batch = {
    crystals: crystals.map(({ name }) => feed.prepare(structures.get(name)!)),
    targets: Float32Array.from(crystals, ({ target }) => target),
  }
  const { gradients } = await source.ofMicroBatch(parameters, batch, count)
  const found = [...gradients].map(([name, gradient]): [string, Float32Array] => [
    name,
    gradient.dataSync() as Float32Array,
  ])
  disposeAll(parameters, gradients)
  return new Map(found)
}

function readStep(file: string): Step {
  const { tensors, metadata } = readSafetensors(readFileSync(file), file)
  const names = JSON.parse(metadata.structures) as string[]
  const targets = JSON.parse(metadata.targets) as number[]
  const predictions = tensors.get('pred0')!.data
  const gradients = new Map(
    [...tensors]
      .filter(([name]) => name.startsWith('grad0/'))
      .map(([name, { data }]) => [name.slice('grad0/'.length), data]),
  )
  return {
    crystals: names.map((name, n) => ({ name, target: targets[n], prediction: predictions[n] })),
    gradients,
    weights: goldenWeights('crystalformer_perturbed', config),
  }
}
