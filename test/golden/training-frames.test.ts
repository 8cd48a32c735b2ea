// The published training of a CrystalFramer: predictions of the first forward, its gradient, what the optimiser makes of
// it, and three whole steps. Two of its six crystals are kept elsewhere: with them everything is compared, without them
// what does not depend on them.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { isTrainable, parameterShapes } from '../../models/attention/parameters.ts'
import { readSafetensors } from '../../models/safetensors.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { adamWState, adamWStep } from '../../src/training/adamw.ts'
import { clipFactor, globalNorm } from '../../src/training/clip.ts'
import { localGradients, stepGradients } from '../../src/training/gradients.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { learningRate } from '../../src/training/schedule.ts'
import { optimiserStep } from '../../src/training/step.ts'
import { uploadWeights } from '../../src/training/tensors.ts'
import { predict } from '../models/tensors.ts'
import { needs, shared } from '../shared.ts'
import { goldenStructures, goldenWeights, largestDifference } from './goldens.ts'

const FILE = 'golden/out/train_crystalframer.safetensors'
/** float32 predictions; the stored ones are float32 too. */
const F32_PREDICTION = 3e-7
/** Gradients of float32 against rounded float64, relative to the largest of the tensor. */
const F32_GRADIENT = 2e-6
/** Losses and norms after up to four steps of 5e-4 in every weight. */
const LOSS = 1e-5
const NORM = 1e-4
/** Adam's step is lr whatever the size of the gradient, so rounding can turn a tiny gradient's step around. */
const MEDIAN_WEIGHT = 1e-6
/** One rounding of a float32 weight below 0.5. */
const ROUNDING = 6e-8

const config = modelConfig({ architecture: 'crystalframer', ties: 'first' })
const options = trainingOptions()
const { geometry } = geometryOf(config, 'published')
const structures = goldenStructures()
const path = shared(FILE)
const golden = path ? readSafetensors(readFileSync(path), path) : undefined
const list = (key: string) => JSON.parse(golden?.metadata[key] ?? '[]')
const names: string[] = list('structures')
const targets: number[] = list('targets')
const log: { loss: number; grad_norm: number; lr: number }[] = list('log')
const missing = names.filter((name) => !structures.has(name))
/** Its cell is skewed: a box of many thousand images. */
const quick = names.filter((name) => structures.has(name) && !name.startsWith('TiO2_skewed'))
const weightsBefore = golden ? goldenWeights('crystalframer_perturbed', config) : new Map()
const stored = (key: string) => golden!.tensors.get(key)!.data

let engine: Engine
beforeAll(async () => {
  engine = await selectBackend('wasm')
})
afterAll(() => void tf.setBackend('cpu'))

describe.skipIf(!golden)(`train_crystalframer${golden ? '' : `: ${needs(FILE)}`}`, () => {
  it('predictions of the first forward', () => {
    expect(quick.length).toBeGreaterThanOrEqual(3)
    for (const name of quick) {
      const [found] = predict(weightsBefore, config, [structures.get(name)!], 'published')
      expect(Math.abs(found - stored('pred0')[names.indexOf(name)]), name).toBeLessThan(F32_PREDICTION)
    }
  })

  it('gradients of the embeddings of elements that occur in one crystal only', async () => {
    const key = 'input_embeddings.weight'
    const [d, elements] = parameterShapes(config).get(key)!
    const expected = stored(`grad0/${key}`)
    const scale = Math.max(...expected.map(Math.abs))
    const only: Readonly<Record<string, number[]>> = {
      Si_diamond_rattled: [14],
      SrTiO3_rattled: [38],
      GaN_wurtzite_rattled: [31, 7],
    }
    const parameters = uploadWeights(weightsBefore)
    for (const name of quick) {
      const { gradients } = await gradientsOf([name], parameters)
      const found = gradients.get(key)!.dataSync()
      for (const element of only[name]) {
        const column = (all: ArrayLike<number>) =>
          Array.from({ length: d }, (_, row) => all[row * elements + element - 1])
        const difference = largestDifference(column(found), column(expected)) / scale
        expect(difference, `${name}, Z = ${element}`).toBeLessThan(F32_GRADIENT)
      }
      tf.dispose([...gradients.values()])
    }
    tf.dispose([...parameters.values()])
  })

  it('the published gradient makes the published weights', async () => {
    const parameters = uploadWeights(weightsBefore)
    const trained = [...parameters.keys()].filter(isTrainable)
    const gradients = new Map(
      trained.map((name) => [name, tf.tensor(stored(`grad0/${name}`), parameters.get(name)!.shape)]),
    )
    const norm = await globalNorm(engine, gradients.values())
    expect(norm).toBeCloseTo(log[0].grad_norm, 6)
    const factor = clipFactor(norm, options.clip_norm)
    adamWStep(engine, parameters, gradients, adamWState(parameters, trained), log[0].lr, factor, options)
    for (const name of trained) {
      const [expected, gradient] = ['weights_after_step0', 'grad0'].map((key) => stored(`${key}/${name}`))
      const found = parameters.get(name)!.dataSync()
      for (let n = 0; n < expected.length; n++) {
        // a gradient stored in float32 moves a weight by more than a rounding where it is near ε = 1e-8
        const g = Math.abs(gradient[n])
        const ofStored = (5e-4 * 1e-8 * g * 6e-8) / (g + 1e-8) ** 2
        const bound = ROUNDING * Math.max(1, Math.abs(expected[n]) / 0.5) + ofStored
        if (!(Math.abs(found[n] - expected[n]) <= bound)) {
          expect.fail(`${name}[${n}]: ${found[n]}, published ${expected[n]}, gradient ${gradient[n]}`)
        }
      }
    }
  })

  const steps = missing.length === 0 ? 'three steps' : `three steps: no coordinates of ${missing.join(', ')}`
  it.skipIf(missing.length > 0)(steps, async () => {
    const parameters = uploadWeights(weightsBefore)
    const optimiser = adamWState(parameters, [...parameters.keys()].filter(isTrainable))
    for (const [t, expected] of log.entries()) {
      const rate = learningRate(options, t, 1)
      expect(rate).toBeCloseTo(expected.lr, 12)
      const made = await gradientsOf(names, parameters)
      if (t === 0) {
        for (const [name, gradient] of made.gradients) {
          const whole = stored(`grad0/${name}`)
          const scale = Math.max(...whole.map(Math.abs))
          expect(largestDifference(gradient.dataSync(), whole) / scale, name).toBeLessThan(F32_GRADIENT)
        }
      }
      const { loss, gradNorm } = await optimiserStep(engine, parameters, optimiser, made, options, rate)
      expect(Math.abs(loss - expected.loss)).toBeLessThan(LOSS)
      expect(Math.abs(gradNorm / expected.grad_norm - 1)).toBeLessThan(NORM)
      if (!golden!.tensors.has(`weights_after_step${t}/mlp.0.bias`)) continue
      for (const [name, tensor] of parameters) {
        const published = stored(`weights_after_step${t}/${name}`)
        const differences = tensor.dataSync().map((x, n) => Math.abs(x - published[n])) as Float32Array
        expect(differences.sort()[differences.length >> 1], name).toBeLessThan(MEDIAN_WEIGHT)
      }
    }
  })
})

/** Mean of |prediction − target| over all crystals of the step, of which these are some, and its gradient. */
function gradientsOf(of: readonly string[], parameters: ReturnType<typeof uploadWeights>) {
  const feed = feedFor(engine, config, geometry)
  const crystals = of.map((name) => feed.prepare(structures.get(name)!))
  const values = Float32Array.from(of, (name) => targets[names.indexOf(name)])
  const source = localGradients(feed, config, options)
  const batch = { crystals, targets: values }
  return of.length < names.length
    ? source.ofMicroBatch(parameters, batch, names.length)
    : stepGradients(source, parameters, batch, { crystals: 1, atoms: feed.atoms })
}
