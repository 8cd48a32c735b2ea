// What a CGCNN must keep whatever its weights: predictions follow from the crystal alone, smoothly.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cgcnnConfig } from '../../../models/cgcnn/config.ts'
import { network } from '../../../models/cgcnn/network.ts'
import { ELEMENT_TABLE } from '../../../models/elements.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { supercell } from '../../../src/crystal/supercell.ts'
import { ConfigError } from '../../../src/errors.ts'
import { packBatch } from '../../../src/periodic/batch.ts'
import { prepareCrystal } from '../../../src/periodic/prepare.ts'
import type { BatchTensor } from '../../../src/periodic/tensors.ts'
import { goldenStructures } from '../../golden/goldens.ts'
import { parametersOf } from '../tensors.ts'

const config = cgcnnConfig({ num_layers: 2, model_dim: 8, embedding_dim: [6], num_gaussians: 8, radius: 5 })
const weights = network.initialise(config, 3)
const crystals = goldenStructures()
const GAN = crystals.get('GaN_wurtzite_rattled')!
const NACL = crystals.get('NaCl_prim')!
/** Sums of float32 in another order. */
const F32 = 1e-5

beforeAll(() => tf.setBackend('cpu'))

function inputsOf(given: readonly Structure[], unique = false): Record<string, tf.Tensor> {
  const { geometry } = network.geometry(config, 'converged', {})
  const prepared = given.map((crystal) =>
    prepareCrystal(crystal, geometry, ELEMENT_TABLE, { oneOfEachOrbit: unique }),
  )
  const tensors: Partial<Record<string, BatchTensor>> = packBatch(prepared).tensors
  return Object.fromEntries(
    network.inputNames(config, 'converged').map((name) => {
      const { data, dims } = tensors[name]!
      return [name, tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32')]
    }),
  )
}

function predict(given: readonly Structure[], unique = false): number[] {
  return tf.tidy(() => [
    ...network.forward(parametersOf(weights), config, inputsOf(given, unique)).dataSync(),
  ])
}

function expectSame(changed: Structure, unchanged: Structure): void {
  expect(Math.abs(predict([changed])[0] - predict([unchanged])[0])).toBeLessThan(F32)
}

describe('a prediction', () => {
  it('depends on the crystal', () => {
    expect(Math.abs(predict([GAN])[0] - predict([NACL])[0])).toBeGreaterThan(1e-3)
    const wider = structure({ ...GAN, lattice: GAN.lattice.map((row) => row.map((x) => 1.05 * x)) })
    expect(Math.abs(predict([GAN])[0] - predict([wider])[0])).toBeGreaterThan(1e-4)
  })

  it('is the same for a rotated, shifted, reordered or repeated cell', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    const turned = GAN.lattice.map(([x, y, z]) => [c * x - s * y, s * x + c * y, -z])
    expectSame(structure({ ...GAN, lattice: turned }), GAN)
    const frac = GAN.frac.map((row) => row.map((x, m) => x + [0.3, -0.2, 1.1][m]))
    expectSame(structure({ ...GAN, frac }), GAN)
    const order = GAN.frac.map((_, n) => n).reverse()
    const reordered = { frac: order.map((n) => GAN.frac[n]), species: order.map((n) => GAN.species[n]) }
    expectSame(structure({ ...GAN, ...reordered }), GAN)
    expectSame(
      supercell(NACL, [
        [2, 0, 0],
        [1, 1, 0],
        [0, 0, 1],
      ]),
      NACL,
    )
  })

  it('does not depend on the crystals beside it, nor on looking at one atom of each orbit', () => {
    const together = predict([NACL, GAN, crystals.get('MoS2_long_thin')!])
    expect(Math.abs(together[0] - predict([NACL])[0])).toBeLessThan(F32)
    expect(Math.abs(together[1] - predict([GAN])[0])).toBeLessThan(F32)
    expect(Math.abs(predict([NACL], true)[0] - predict([NACL])[0])).toBeLessThan(F32)
  })

  it('moves smoothly while an image crosses the radius', () => {
    const chain = (a: number) =>
      structure({
        lattice: [
          [a, 0, 0],
          [0, 9, 0],
          [0, 0, 9],
        ],
        frac: [[0, 0, 0]],
        species: [11],
      })
    const [inside, outside] = [4.999, 5.001].map((a) => predict([chain(a)])[0])
    expect(Math.abs(inside - outside)).toBeLessThan(1e-4)
  })
})

it('has the gradient of its own values', () => {
  const inputs = inputsOf([GAN, NACL])
  const sum = (parameters: Record<string, tf.Tensor>) => tf.sum(network.forward(parameters, config, inputs))
  for (const name of [
    'embedding.weight',
    'convs.0.neighbour.weight',
    'convs.1.distance.weight',
    'convs.0.bias',
    'convs.1.norm.gain',
    'head.0.weight',
  ]) {
    const parameters = { ...parametersOf(weights) }
    const { shape, data } = weights.get(name)!
    const gradient = tf
      .grad((x) => sum({ ...parameters, [name]: x }))(parameters[name])
      .dataSync()
    // Along the gradient itself, where a wrong one cannot hide.
    const length = Math.hypot(...gradient)
    const along = (step: number) => {
      const moved = data.map((x, n) => x + (step * gradient[n]) / length)
      return sum({ ...parameters, [name]: tf.tensor(moved, [...shape]) }).dataSync()[0]
    }
    const h = 2e-2
    expect((along(h) - along(-h)) / (2 * h) / length, name).toBeCloseTo(1, 1)
  }
})

it('takes its radius from its configuration alone', () => {
  expect(network.geometry(config, 'converged', { radius: 5 }).geometry.images).toEqual({
    kind: 'sphere',
    radius: 5,
  })
  // It may share the images of a network that sees farther.
  expect(network.geometry(config, 'converged', { radius: 6 }).geometry.images).toMatchObject({ radius: 6 })
  expect(() => network.geometry(config, 'converged', { radius: 4 })).toThrow(/hyper-parameter, here 5/)
  expect(() => network.geometry(config, 'converged', { errorBound: 1e-4 })).toThrow(ConfigError)
  expect(() => network.geometry(config, 'published', {})).toThrow(ConfigError)
})
