// Parity with the published code, on the golden vectors: the tfjs network in float32, the plain reference in float64.

import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, expect, it } from 'vitest'
import { referenceForward } from '../../models/reference/forward.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { inputsOf, predict } from '../models/tensors.ts'
import { describeGoldens } from './describe-goldens.ts'
import {
  FULL_CASES,
  type GoldenCase,
  goldenStructures,
  goldenWeights,
  largestDifference,
  TINY_CASES,
} from './goldens.ts'

/** float64 against float64: the order of the sums. */
const F64 = 1e-13
/** The published CUDA kernels hold 4π as a constant of twelve digits: α of reciprocal heads, nothing else. */
const F64_ALPHA = 1e-11
/** The reference behind converged_cf_real centres its box on n = 0, so unwrapped coordinates lose a few images. */
const F64_UNWRAPPED = 3e-10
/** float32 against float64, as the published code itself differs between the two (test/fixtures/golden/README.md). */
const F32_PREDICTION = 3e-7
const F32_FEATURES = 2e-6
/** α goes down to −300 between distant atoms. */
const F32_ALPHA = 3e-5

/** Above this many atoms the plain float64 loops take seconds. */
const REFERENCE_ATOMS = 6
/** Cells whose adaptive box has tens of thousands of images an atom: one file of them is enough. */
const MANY_IMAGES = new Set(['TiO2_skewed', 'TiO2_skewed_rattled'])

const structures = goldenStructures()

beforeAll(async () => {
  await tf.setBackend('wasm')
})

describeGoldens([...TINY_CASES, ...FULL_CASES], (golden, values) => {
  const weights = goldenWeights(golden.weights, golden.config)
  const crystals = [...structures.keys()].filter((name) => values.has(`${name}/pred`))
  // the published box of a skewed cell is slow in either form
  const isSlow = (name: string) => MANY_IMAGES.has(name) && !golden.name.startsWith('tiny')

  it.each(crystals.filter((name) => !isSlow(name) || golden.name === 'cf_real_box2'))(
    'float32, %s',
    (name) => {
      const differences = float32Differences(golden, weights, name, values)
      expect(differences.size).toBeGreaterThanOrEqual(2)
      for (const [key, difference] of differences) {
        const tolerance = key === 'pred' ? F32_PREDICTION : key.endsWith('/alpha') ? F32_ALPHA : F32_FEATURES
        expect(difference, key).toBeLessThan(tolerance)
      }
    },
  )

  it.each(crystals.filter((name) => !isSlow(name) && atomsOf(name) <= REFERENCE_ATOMS))(
    'float64, %s',
    (name) => {
      const result = referenceForward(weights, golden.config, structures.get(name)!, golden.mode)
      const unwrapped = golden.mode === 'converged' && name === 'GaN_unwrapped'
      const compare = (key: string, found: Float64Array | undefined, tolerance: number) => {
        const expected = values.get(`${name}/${key}`)
        if (expected === undefined) return
        expect(largestDifference(found ?? [], expected), key).toBeLessThan(
          unwrapped ? F64_UNWRAPPED : tolerance,
        )
      }
      compare('pred', result.value, F64)
      compare('encoder_out', result.encoderOut, F64)
      for (const [l, layer] of result.layers.entries()) {
        compare(`layer${l}/alpha`, layer.alpha, F64_ALPHA)
        compare(`layer${l}/beta`, layer.beta, F64)
        compare(`layer${l}/attn_out`, layer.attnOut, F64)
        compare(`layer${l}/out`, layer.out, F64)
      }
    },
  )
})

function atomsOf(name: string): number {
  return structures.get(name)!.frac.length
}

/** Largest difference of the prediction and of every traced value that the golden file holds. */
function float32Differences(
  golden: GoldenCase,
  weights: Weights,
  name: string,
  values: ReadonlyMap<string, Float64Array>,
): Map<string, number> {
  const { config, mode } = golden
  const differences = new Map<string, number>()
  const compare = (key: string, found: ArrayLike<number>) => {
    const expected = values.get(`${name}/${key}`)
    if (expected) differences.set(key, largestDifference(found, expected))
  }
  const crystal = structures.get(name)!
  const trace = (key: string, value: tf.Tensor) => {
    const [layer, what] = key.split('/')
    if (what !== 'phi') compare(key, value.dataSync())
    else if (config.domain === 'real')
      compare(`${layer}/alpha`, alphaOf(value as tf.Tensor3D, crystal, golden))
  }
  compare('pred', predict(weights, config, [crystal], mode, { trace }))
  return differences
}

/** α_ij = log Σ_n exp φ_ijn, [N, N, H], from the logits φ [N, H, M·S] of the images in their slots. */
function alphaOf(phi: tf.Tensor3D, crystal: Structure, { config, mode }: GoldenCase): Float64Array {
  const [atoms, heads, flat] = phi.shape
  const { pair: pairs } = inputsOf([crystal], config, mode)
  const [rows, slots, values] = [pairs.dataSync(), pairs.shape[1] as number, phi.dataSync()]
  const largest = new Float64Array(atoms * atoms * heads).fill(Number.NEGATIVE_INFINITY)
  const pairOf = (i: number, h: number, f: number) => rows[i * slots + (f % slots)] * heads + h
  const each = (visit: (pair: number, value: number) => void) => {
    for (let i = 0; i < atoms; i++)
      for (let h = 0; h < heads; h++)
        for (let f = 0; f < flat; f++) visit(pairOf(i, h, f), values[(i * heads + h) * flat + f])
  }
  each((pair, value) => void (largest[pair] = Math.max(largest[pair], value)))
  const total = new Float64Array(largest.length)
  each((pair, value) => void (total[pair] += Math.exp(value - largest[pair])))
  return total.map((sum, pair) => Math.log(sum) + largest[pair])
}
