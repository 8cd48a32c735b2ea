// The first training step of the published code, from the perturbed weights: its predictions and its gradient.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ModelConfig, modelConfig } from '../../models/config.ts'
import { crystalformer } from '../../models/crystalformer.ts'
import { isTrainable, parameterShapes } from '../../models/parameters.ts'
import { readSafetensors, type Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { inputsOf, parametersOf } from '../models/tensors.ts'
import { needs, shared } from '../shared.ts'
import { goldenStructures, goldenWeights, largestDifference } from './goldens.ts'

/** float32 predictions; the stored ones are float32 too. */
const F32_PREDICTION = 3e-7
/** Gradients of float32 against rounded float64, relative to the largest of the tensor. */
const F32_GRADIENT = 2e-6

const FILE = 'golden/out/train_crystalformer.safetensors'
const path = shared(FILE)
const config: ModelConfig = modelConfig({ adaptive_cutoff_sigma: 0 })

interface Step {
  readonly crystals: readonly { name: string; target: number; prediction: number }[]
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** before the step */
  readonly weights: Weights
}

const structures = goldenStructures()
const step = path === undefined ? undefined : readStep(path)
const missing = step?.crystals.map(({ name }) => name).filter((name) => !structures.has(name)) ?? []

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe.skipIf(step === undefined)(`train_crystalformer${step ? '' : `: ${needs(FILE)}`}`, () => {
  it('predictions of the first forward', () => {
    for (const { name, prediction } of known()) {
      const predicted = tf.tidy(() => forward(step!.weights, [structures.get(name)!]).dataSync()[0])
      expect(Math.abs(predicted - prediction), name).toBeLessThan(F32_PREDICTION)
    }
  })

  it('gradients of the embeddings of elements that occur in no other crystal', () => {
    const unknown = step!.crystals.filter(({ name }) => !structures.has(name))
    // crystals without coordinates here still say which elements they hold
    const foreign = new Set(unknown.flatMap(({ name }) => ELEMENTS_OF[name]))
    const own = new Set(
      known().flatMap(({ name }) => structures.get(name)!.species.map((site) => site[0].element)),
    )
    const name = 'input_embeddings.weight'
    const found = gradientsOf(known(), step!.crystals.length).get(name)!
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
  it.skipIf(missing.length > 0)(whole, () => {
    for (const [name, found] of gradientsOf(step!.crystals, step!.crystals.length)) {
      const expected = step!.gradients.get(name)!
      const scale = Math.max(...expected.map(Math.abs))
      expect(largestDifference(found, expected) / scale, name).toBeLessThan(F32_GRADIENT)
    }
  })
})

const ELEMENTS_OF: Readonly<Record<string, number[]>> = { Cu_fcc_rattled: [29], NaCl_conv_rattled: [11, 17] }

function known() {
  return step!.crystals.filter(({ name }) => structures.has(name))
}

function forward(weights: Weights, crystals: readonly Structure[]): tf.Tensor2D {
  return crystalformer(parametersOf(weights), config, inputsOf(crystals, config, 'published'))
}

/** Gradient of Σ |prediction − target| / count by parameter, one crystal at a time. */
function gradientsOf(crystals: Step['crystals'], count: number): Map<string, Float32Array> {
  const total = new Map<string, Float32Array>()
  const constants = [...step!.weights].filter(([name]) => !isTrainable(name))
  const trained = [...step!.weights].filter(([name]) => isTrainable(name))
  for (const { name, target } of crystals) {
    tf.tidy(() => {
      const inputs = inputsOf([structures.get(name)!], config, 'published')
      const loss = (...values: tf.Tensor[]) => {
        const parameters = {
          ...parametersOf(new Map(constants)),
          ...Object.fromEntries(trained.map(([key], n) => [key, values[n]])),
        }
        const predicted = crystalformer(parameters, config, inputs)
        return tf.div(tf.sum(tf.abs(tf.sub(predicted, target))), count) as tf.Scalar
      }
      const gradients = tf.grads(loss)(trained.map(([, { data, shape }]) => tf.tensor(data, [...shape])))
      trained.forEach(([key], n) => {
        const sum = total.get(key) ?? new Float32Array(gradients[n].size)
        const gradient = gradients[n].dataSync()
        total.set(
          key,
          sum.map((x, i) => x + gradient[i]),
        )
      })
    })
  }
  return total
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
