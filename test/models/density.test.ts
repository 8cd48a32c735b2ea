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
import { networkOf } from '../../models/registry.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { legendre } from './as-density.ts'
import { livelyWeights } from './lively.ts'
import { inputsOf, parametersOf, predict, SMALL } from './tensors.ts'

/** Harmonics of degree 16 in float32. */
const F32_HARMONICS = 3e-6
/** float32 gradients against float64 differences; a smaller radius than that of the reference. */
const FINITE_DIFFERENCE = 1e-4
/** The differences are of float64 values. */
const STEP = 2 ** -16
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

it('has the gradient of the reference, through the axes too', async () => {
  await tf.setBackend('cpu')
  const config = density({ num_layers: 1, density_degree: 4 })
  const weights = livelyWeights(config, 5)
  const crystal = crystals.get('Si_diamond_rattled')!
  const constants = parametersOf(weights)
  const inputs = inputsOf([crystal], config, 'converged')
  for (const part of ['q_proj_weight', 'lattice_pos_weights', 'proj_density1', 'proj_density2']) {
    const name = `encoder.layers.0.self_attn.${part}`
    const output = (value: tf.Tensor) =>
      tf.sum(networkOf(config).forward({ ...constants, [name]: value }, config, inputs)) as tf.Scalar
    const gradient = Array.from(tf.grad(output)(constants[name]).dataSync())
    const largest = gradient.reduce((best, x, n) => (Math.abs(x) > Math.abs(gradient[best]) ? n : best), 0)
    const [plus, minus] = [STEP, -STEP].map((step) => {
      const { shape, data } = weights.get(name)!
      const moved = data.slice()
      moved[largest] += step
      const changed = new Map([...weights, [name, { shape, data: moved }]])
      return { at: moved[largest], value: referenceForward(changed, config, crystal, 'converged').value[0] }
    })
    const difference = (plus.value - minus.value) / (plus.at - minus.at)
    expect(Math.abs(gradient[largest] / difference - 1), name).toBeLessThan(FINITE_DIFFERENCE)
  }
})
