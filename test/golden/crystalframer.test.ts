// Parity of CrystalFramer with the published kernels and an independent program, on the golden vectors: crystals without
// symmetry end to end, symmetric ones with the stored frames, since ties are theirs to break.

import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { referenceForward } from '../../models/reference.ts'
import type { Weights } from '../../models/safetensors.ts'
import { predict } from '../models/tensors.ts'
import { needs } from '../shared.ts'
import {
  FRAMED_CASES,
  type GoldenCase,
  goldenStructures,
  goldenValues,
  goldenWeights,
  largestDifference,
} from './goldens.ts'

/** float64 against float64: the order of the sums. */
const F64 = 1e-13
/** Features of the lightweight network are ten times larger. */
const F64_FEATURES = 1e-12
/** The reference behind converged_cfr_max centres its box on n = 0, so unwrapped coordinates lose a few images. */
const F64_UNWRAPPED = 3e-10
/** float32 against float64, as the published code itself differs between the two (test/fixtures/golden/README.md). */
const F32_PREDICTION = 4e-7
const F32_FEATURES = 2e-6
const F32_LIGHT_FEATURES = 4e-5
/** A cosine exactly on the edge of a published window takes a Gaussian in or out. */
const F32_EDGE_PREDICTION = 3e-5
const F32_EDGE_FEATURES = 1e-4
const F32_FRAMES = 1e-6
/** The released second axis is the difference of two directions that are nearly parallel. */
const F32_FARTHEST = 1e-5

/** Above this many atoms the plain float64 loops take seconds. */
const REFERENCE_ATOMS = 2
const FLOAT32_ATOMS = 4
const REFERENCE_ATOMS_OF_AXES = 4
/** Two atoms have one arm: two of their principal axes are arbitrary. */
const ARBITRARY = 'cfr_pca/Si_diamond_rattled'
/** Eigenvectors of LAPACK have signs of their own, and the independent program takes none of a small determinant. */
const SIGNS = /pca/

const structures = goldenStructures()

beforeAll(async () => {
  await tf.setBackend('wasm')
})

for (const golden of FRAMED_CASES) {
  const values = goldenValues(golden.name)
  const title = values ? golden.name : `${golden.name}: ${needs(`golden/out/${golden.name}.f64.safetensors`)}`
  describe.skipIf(values === undefined)(title, () => {
    const { config, mode } = golden
    const weights = values ? goldenWeights(golden.weights, config) : new Map()
    const crystals = [...structures.keys()].filter((name) => values?.has(`${name}/pred`))
    const small = (most: number) => crystals.filter((name) => structures.get(name)!.frac.length <= most)
    const value = (key: string) => values!.get(key)
    const framesOf = (name: string) =>
      Array.from({ length: config.num_layers }, (_, l) => value(`${name}/layer${l}/frames`)!)
    const isOwn = (name: string) => name.endsWith('_rattled') && !SIGNS.test(golden.name)

    it.each(small(golden.name.startsWith('tiny') ? 6 : FLOAT32_ATOMS))('float32, %s', (name) => {
      const given = isOwn(name) ? undefined : framesOf(name)
      const differences = float32Differences(golden, weights, name, values!, given)
      expect(differences.size).toBeGreaterThanOrEqual(2)
      const isEdge = !name.endsWith('_rattled') && mode === 'published'
      const tolerances = {
        frames: golden.name === 'cfr_max_static' ? F32_FARTHEST : F32_FRAMES,
        pred: isEdge ? F32_EDGE_PREDICTION : F32_PREDICTION,
        features: isEdge
          ? F32_EDGE_FEATURES
          : golden.name.includes('light')
            ? F32_LIGHT_FEATURES
            : F32_FEATURES,
      }
      for (const [key, difference] of differences) {
        const kind = key === 'pred' ? 'pred' : key.endsWith('/frames') ? 'frames' : 'features'
        expect(difference, key).toBeLessThan(tolerances[kind])
      }
    })

    it.each(small(REFERENCE_ATOMS))('float64, %s', (name) => {
      const options = isOwn(name) ? {} : { frames: framesOf(name) }
      const result = referenceForward(weights, config, structures.get(name)!, mode, options)
      const unwrapped = mode === 'converged' && name === 'GaN_unwrapped'
      const compare = (key: string, found: Float64Array | undefined, tolerance: number) => {
        const expected = value(`${name}/${key}`)
        if (expected === undefined) return
        expect(largestDifference(found ?? [], expected), key).toBeLessThan(
          unwrapped ? F64_UNWRAPPED : tolerance,
        )
      }
      compare('pred', result.value, F64)
      compare('encoder_out', result.encoderOut, F64_FEATURES)
      for (const [l, layer] of result.layers.entries()) {
        compare(`layer${l}/frames`, layer.frames, F64)
        compare(`layer${l}/beta`, layer.beta, F64)
        compare(`layer${l}/attn_out`, layer.attnOut, F64_FEATURES)
      }
    })

    it.runIf(SIGNS.test(golden.name))('axes of the first block, but for their signs', () => {
      let compared = 0
      for (const name of small(REFERENCE_ATOMS_OF_AXES)) {
        if (`${golden.name}/${name}` === ARBITRARY) continue
        const expected = framesOf(name)[0]
        const { frames } = referenceForward(weights, config, structures.get(name)!, mode).layers[0]
        for (let n = 0; n < expected.length; n += 9) {
          if (isIdentity(expected.subarray(n, n + 9))) continue
          for (let m = n; m < n + 9; m += 3) {
            const along = dot(expected.subarray(m, m + 3), frames!.subarray(m, m + 3))
            expect(1 - Math.abs(along), `${name}, axis ${m / 3}`).toBeLessThan(F64)
            compared++
          }
        }
      }
      expect(compared).toBeGreaterThan(0)
    })
  })
}

/** Largest difference of every traced value that the golden file holds. */
function float32Differences(
  { config, mode }: GoldenCase,
  weights: Weights,
  name: string,
  values: ReadonlyMap<string, Float64Array>,
  given: readonly Float64Array[] | undefined,
): Map<string, number> {
  const differences = new Map<string, number>()
  const compare = (key: string, found: ArrayLike<number>) => {
    const expected = values.get(`${name}/${key}`)
    if (expected) differences.set(key, largestDifference(found, expected))
  }
  const crystal = structures.get(name)!
  const shape: [number, number, number, number] = [crystal.frac.length, config.head_num, 3, 3]
  const frames = given?.map((frame) => tf.tensor4d(Float32Array.from(frame), shape))
  const trace = (key: string, value: tf.Tensor) => compare(key, value.dataSync())
  compare('pred', predict(weights, config, [crystal], mode, { trace, frames }))
  tf.dispose(frames ?? [])
  return differences
}

function isIdentity(frame: Float64Array): boolean {
  return frame.every((x, n) => x === (n % 4 === 0 ? 1 : 0))
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, n) => sum + x * b[n], 0)
}
