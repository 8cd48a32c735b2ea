// Densities of axes: the tensors of the network against the plain sums of the float64 reference, what a prediction must
// not depend on, and that it never jumps.

import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { inferConfig } from '../../models/attention/parameters.ts'
import { rowDegrees } from '../../models/crystalframer/harmonic-tables.ts'
import { sphericalHarmonics } from '../../models/crystalframer/harmonics.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { legendre } from './as-density.ts'
import { livelyWeights } from './lively.ts'
import { predict, SMALL } from './tensors.ts'

/** Harmonics of degree 16 in float32. */
const F32_HARMONICS = 3e-6
/** A smaller radius than the converged sum of the reference. */
const F32_REFERENCE = 2e-6

const crystals = goldenStructures()
const density = (input: object = {}) =>
  modelConfig({
    ...SMALL,
    architecture: 'crystalframer',
    frame_method: 'density',
    value_pe_angle_coef: 3,
    ...input,
  })

beforeAll(async () => {
  await tf.setBackend('wasm')
})

it.each([1, 2, 8, 16])('harmonics of degree %i add up to Legendre polynomials', (degree) => {
  const directions = Array.from({ length: 40 }, (_, n) => {
    const z = n < 2 ? 1 - 2 * n : 1 - (2 * (n + 0.5)) / 40
    const across = Math.sqrt(Math.max(0, 1 - z * z))
    return [across * Math.cos(2.4 * n), across * Math.sin(2.4 * n), z]
  })
  const unit = tf.transpose(tf.tensor2d(directions)).reshape([1, 3, 40]) as tf.Tensor3D
  const table = sphericalHarmonics({ unit, other: tf.ones([1, 1, 40]) }, degree).arraySync()[0]
  const degrees = rowDegrees(degree)
  expect(table).toHaveLength((degree + 1) ** 2)
  for (const [a, b] of [
    [0, 1],
    [3, 17],
    [5, 5],
    [20, 39],
  ]) {
    const u = directions[a].reduce((sum, x, c) => sum + x * directions[b][c], 0)
    for (let l = 0; l <= degree; l++) {
      const sum = degrees.reduce(
        (total, own, row) => total + (own === l ? table[row][a] * table[row][b] : 0),
        0,
      )
      expect.soft(Math.abs(sum - legendre(l, u)), `P_${l}(${u})`).toBeLessThan(F32_HARMONICS)
    }
  }
})

describe.each([{}, { density_axes: 1, density_degree: 3 }, { density_degree: 12 }] as const)(
  '%o',
  (input) => {
    const config = density(input)
    const weights = livelyWeights(config, 11)

    it.each(['NaCl_prim', 'MoS2_long_thin', 'GaN_wurtzite_rattled'])(
      '%s is that of the reference',
      (name) => {
        const crystal = crystals.get(name)!
        const { value } = referenceForward(weights, config, crystal, 'converged')
        expect(Math.abs(predict(weights, config, [crystal])[0] - value[0])).toBeLessThan(F32_REFERENCE)
      },
    )

    it('is told from its weights', () => {
      expect(inferConfig(weights, { architecture: 'crystalframer', value_pe_angle_coef: 3 })).toEqual(config)
    })
  },
)
