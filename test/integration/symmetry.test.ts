// One atom of each orbit instead of all: the prediction is that of the whole crystal in float64, and the same as of all
// atoms in float32, for every network that says so.

import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { FRAMED_CASES, goldenStructures, goldenWeights, TINY_CASES } from '../golden/goldens.ts'
import { inputsOf, predict } from '../models/tensors.ts'

/** float32 sums in another order */
const F32 = 5e-7
/** A smaller radius than the converged sum of the reference. */
const F32_REFERENCE = 2e-6

/** Cells of one crystal, which has one infinite sum: the plain loops go through the smaller cell, once. */
const SMALLER_CELL: Readonly<Record<string, string>> = {
  NaCl_conv: 'NaCl_prim',
  GaN_unwrapped: 'GaN_wurtzite',
  TiO2_skewed: 'TiO2_rutile',
}
/** Cells whose images take the plain loops minutes. */
const MANY_IMAGES = /^(TiO2_skewed_rattled|CsPbI3)/

beforeAll(async () => {
  await tf.setBackend('wasm')
})

const crystals = goldenStructures()
const framed = { ...FRAMED_CASES[0].config, ties: undefined }
const networks = [
  ['Crystalformer', TINY_CASES[0].weights, TINY_CASES[0].config],
  ['max, canonical', FRAMED_CASES[0].weights, { ...framed, frame_method: 'max' }],
  ['max, average', FRAMED_CASES[0].weights, { ...framed, frame_method: 'max', ties: 'average' }],
  [
    'max_static, average',
    FRAMED_CASES[0].weights,
    { ...framed, frame_method: 'max_static', ties: 'average' },
  ],
  ['weighted_pca', FRAMED_CASES[0].weights, { ...framed, frame_method: 'weighted_pca' }],
] as const

describe.each(networks)('%s', (_, name, input) => {
  const config = modelConfig(input)
  const weights = goldenWeights(name, config)
  const references = new Map<string, number>()
  const reference = (crystal: string): number => {
    const found =
      references.get(crystal) ??
      referenceForward(weights, config, crystals.get(crystal)!, 'converged').value[0]
    references.set(crystal, found)
    return found
  }

  it.each([...crystals.keys()])('%s', (crystal) => {
    const one = [crystals.get(crystal)!]
    const [unique] = predict(weights, config, one, 'converged', { unique: true })
    const [whole] = predict(weights, config, one)
    expect(Math.abs(unique - whole)).toBeLessThan(F32)
    if (MANY_IMAGES.test(crystal)) return
    expect(Math.abs(unique - reference(SMALLER_CELL[crystal] ?? crystal))).toBeLessThan(F32_REFERENCE)
  })

  it('several crystals in one batch', () => {
    const some = ['NaCl_conv', 'SrTiO3_rattled', 'TiO2_rutile'].map((crystal) => crystals.get(crystal)!)
    const unique = predict(weights, config, some, 'converged', { unique: true })
    const whole = predict(weights, config, some)
    unique.forEach((value, c) => {
      expect(Math.abs(value - whole[c])).toBeLessThan(F32)
    })
  })
})

it('has fewer atoms', () => {
  const [, , config] = networks[1]
  const atoms = (crystal: string) =>
    inputsOf([crystals.get(crystal)!], modelConfig(config), 'converged', {}, true).species.shape[0]
  expect(['NaCl_conv', 'TiO2_skewed', 'CsPbI3_like_20', 'SrTiO3_rattled'].map(atoms)).toEqual([2, 2, 5, 5])
})

it('is for networks that do not look at the cell, at pairs of waves, or at the order of images', () => {
  const symmetry = (input: object) => geometryOf(modelConfig(input), 'converged').geometry.symmetry
  expect(symmetry({})).toBe('all')
  expect(symmetry({ domain: 'multihead' })).toBeUndefined()
  expect(symmetry({ domain: 'reci' })).toBeUndefined()
  const frames = { architecture: 'crystalframer' }
  expect(symmetry(frames)).toBe('proper')
  expect(symmetry({ ...frames, ties: 'first' })).toBeUndefined()
  expect(symmetry({ ...frames, frame_method: 'pca' })).toBeUndefined()
  expect(symmetry({ ...frames, frame_method: 'lattice' })).toBeUndefined()
  expect(geometryOf(modelConfig({}), 'published').geometry.symmetry).toBeUndefined()
})
