// AdamW and clipping against the published training step (weights after it, from its own gradient) and against a
// float64 program of the same formulas over several steps.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { isTrainable } from '../../models/attention/parameters.ts'
import { readSafetensors, type Weights } from '../../models/safetensors.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { type AdamWState, adamWState, adamWStep } from '../../src/training/adamw.ts'
import { clipFactor, globalNorm } from '../../src/training/clip.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { addToAverage, emptyAverage } from '../../src/training/swa.ts'
import { uploadWeights } from '../../src/training/tensors.ts'
import { fixture } from '../cli/run.ts'
import { shared } from '../shared.ts'
import { numbers } from './crystals.ts'
import { describeBackend, LIKE_A_GPU } from './native.ts'

interface PublishedStep {
  readonly before: Weights
  readonly gradients: Weights
  readonly after: Weights
  /** published norm of the gradient and how many weights it moves, where all of them are here */
  readonly whole?: { readonly norm: number; readonly weights: number }
}

/** A few tensors of the published first step of either network; the whole of one where it is on this machine. */
const STEPS: [string, () => PublishedStep][] = [
  ['a part of Crystalformer', () => partOfStep('crystalformer')],
  ['a part of CrystalFramer', () => partOfStep('crystalframer')],
]
const WHOLE = shared('golden/out/train_crystalformer.safetensors')
if (WHOLE) STEPS.push(['all of Crystalformer', () => wholeStep(WHOLE)])

/** One rounding of a float32 weight below 0.5. */
const ROUNDING = 6e-8

afterAll(() => void tf.setBackend('cpu'))

const BACKENDS = ['cpu', 'wasm', 'native', 'tensorflow', LIKE_A_GPU] as const
// On wasm and TensorFlow the step is a kernel of its own.
for (const backend of BACKENDS) await describeBackend(backend, backend, stepsOf)

function stepsOf(engine: () => Engine): void {
  it.each(STEPS)('turns the published gradient into the published weights: %s', async (_, step) => {
    const { before, gradients, after, whole } = step()
    const parameters = uploadWeights(before)
    const options = trainingOptions()
    const raised = new Map(
      [...gradients].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
    )
    // The whole gradient has a norm of 0.37, or 0.61 with frames: below the clip norm of 1.
    const norm = await globalNorm(engine(), raised.values())
    if (whole) expect(norm).toBeCloseTo(whole.norm, 6)
    const state = adamWState(parameters, [...gradients.keys()])
    const factor = clipFactor(norm, options.clip_norm)
    adamWStep(engine(), parameters, raised, state, options.learning_rate, factor, options)
    let compared = 0
    for (const [name, { data: gradient }] of gradients) {
      const expected = after.get(name)!.data
      const found = parameters.get(name)!.dataSync()
      for (let i = 0; i < expected.length; i++) {
        // The first step is lr·g/(|g| + ε): its slope in g is lr·ε/(|g| + ε)², so that a gradient that was stored in
        // float32 (relative 6e-8) can move a weight by more than a rounding where |g| is near ε = 1e-8.
        const g = Math.abs(gradient[i])
        const stored = (5e-4 * 1e-8 * g * 6e-8) / (g + 1e-8) ** 2
        const bound = ROUNDING * Math.max(1, Math.abs(expected[i]) / 0.5) + stored
        if (!(Math.abs(found[i] - expected[i]) <= bound)) {
          expect.fail(`${name}[${i}]: ${found[i]}, published ${expected[i]}, gradient ${gradient[i]}`)
        }
        compared++
      }
    }
    if (whole) expect(compared).toBe(whole.weights)
  })

  describe('AdamW', () => {
    const options = trainingOptions({
      beta1: 0.8,
      beta2: 0.95,
      epsilon: 1e-3,
      weight_decay: 0.1,
      bias_weight_decay: 0.4,
    })
    const shapes = { 'linear1.weight': [3, 4], 'linear1.bias': [4], 'self_attn.in_proj_bias': [2] }

    it('is the float64 program of its formulas over eight steps, clipped ones among them', async () => {
      const parameters = new Map<string, tf.Tensor>()
      const reference = new Map<string, { w: number[]; m: number[]; v: number[] }>()
      let seed = 1
      for (const [name, shape] of Object.entries(shapes)) {
        const data = numbers(
          seed++,
          shape.reduce((a, b) => a * b, 1),
        )
        parameters.set(name, tf.tensor(data, shape))
        reference.set(name, { w: [...data], m: [...data].map(() => 0), v: [...data].map(() => 0) })
      }
      const state = adamWState(parameters, Object.keys(shapes))
      const clipped: boolean[] = []
      for (let t = 1; t <= 8; t++) {
        const raw = new Map(
          Object.entries(shapes).map(([name, shape]) => {
            const size = t % 2 === 0 ? 3 : 0.05
            return [
              name,
              [
                ...numbers(
                  100 * t + shape.length,
                  shape.reduce((a, b) => a * b, 1),
                ),
              ].map((x) => Math.fround(x * size)),
            ]
          }),
        )
        const norm = Math.sqrt([...raw.values()].flat().reduce((sum, g) => sum + g * g, 0))
        const factor = norm > 1 ? 1 / (norm + 1e-6) : 1
        clipped.push(norm > 1)
        const rate = 0.01 / t
        for (const [name, { w, m, v }] of reference) {
          const decay = name.includes('bias') ? 0.4 : 0.1
          raw.get(name)!.forEach((g0, i) => {
            const g = g0 * factor
            w[i] -= rate * decay * w[i]
            m[i] = 0.8 * m[i] + 0.2 * g
            v[i] = 0.95 * v[i] + 0.05 * g * g
            w[i] -= ((rate / (1 - 0.8 ** t)) * m[i]) / (Math.sqrt(v[i]) / Math.sqrt(1 - 0.95 ** t) + 1e-3)
          })
        }
        const gradients = new Map(
          [...raw].map(([name, g]) => [name, tf.tensor(g, shapes[name as keyof typeof shapes])]),
        )
        const found = await globalNorm(engine(), gradients.values())
        expect(found).toBeCloseTo(norm, 5)
        adamWStep(engine(), parameters, gradients, state, rate, clipFactor(found, 1), options)
      }
      expect(clipped).toContain(true)
      expect(clipped).toContain(false)
      for (const [name, { w }] of reference) {
        parameters
          .get(name)!
          .dataSync()
          .forEach((x, i) => {
            expect(Math.abs(x - w[i])).toBeLessThan(1e-6)
          })
      }
    })

    it('leaves no tensor behind', () => {
      const parameters = new Map([['a', tf.ones([2]) as tf.Tensor]])
      const state: AdamWState = adamWState(parameters, ['a'])
      const gradients = new Map([['a', tf.ones([2]) as tf.Tensor]])
      const before = tf.memory().numTensors
      for (let n = 0; n < 3; n++) adamWStep(engine(), parameters, gradients, state, 0.1, 0.5, options)
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  describe('weight averaging', () => {
    it('is the mean of what it was given, and outlives it', () => {
      const average = emptyAverage()
      const before = tf.memory().numTensors
      for (const x of [1, 2, 6]) {
        const parameters = new Map([['a', tf.tensor1d([x, -x]) as tf.Tensor]])
        addToAverage(average, parameters)
        parameters.get('a')!.dispose()
      }
      expect([...average.mean.get('a')!.dataSync()]).toEqual([3, -3])
      expect(tf.memory().numTensors).toBe(before + 1)
    })
  })
}

function partOfStep(network: string): PublishedStep {
  const { tensors } = readSafetensors(readFileSync(fixture(`golden/train_${network}_part.safetensors`)))
  return {
    before: under('before/', tensors),
    gradients: under('grad0/', tensors),
    after: under('weights_after_step0/', tensors),
  }
}

/** The run started from the perturbed weights (their gauss_scale is set, and stays). */
function wholeStep(file: string): PublishedStep {
  const { tensors } = readSafetensors(readFileSync(file))
  const before = readSafetensors(
    readFileSync(shared('golden/weights/crystalformer_perturbed.safetensors')!),
  ).tensors
  const step = {
    before,
    gradients: under('grad0/', tensors),
    after: under('weights_after_step0/', tensors),
    whole: { norm: 0.3733412661089639, weights: 853_517 - 4 * 3 },
  }
  expect([...step.gradients.keys()].sort()).toEqual([...before.keys()].filter(isTrainable).sort())
  return step
}

function under(prefix: string, tensors: Weights): Weights {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  )
}
