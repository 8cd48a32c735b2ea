// CrystalFramer by the fused kernels against the plain tfjs formulation of models/ on the cpu backend: outputs and
// gradients of whole networks.

import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { type CrystalframerConfig, modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { angularCells } from '../../models/crystalframer/angular-cells.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import type { BackendName } from '../../src/engines/backends.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { localGradients } from '../../src/training/gradients.ts'
import { initialState } from '../../src/training/state.ts'
import { setStatistics } from '../../src/training/step.ts'
import { CRYSTALS } from '../training/crystals.ts'
import { startBackend, whyNot } from '../training/native.ts'

/** Both sum float32 products in different orders; relative to the largest gradient. */
const F32 = 1e-5
/** What a polynomial of degree 7 leaves of a Gaussian as wide as its cell. */
const POLYNOMIAL = 2e-7

const BASE = {
  architecture: 'crystalframer',
  num_layers: 2,
  model_dim: 16,
  head_num: 4,
  ff_dim: 16,
  value_pe_dist_real: 8,
  value_pe_angle_real: 24,
}

const CASES = {
  'max frames': {},
  'max frames, the first of tied directions': { ties: 'first' },
  'max frames, the mean over tied directions': { ties: 'average' },
  'max_static frames': { frame_method: 'max_static' },
  'lattice frames': { frame_method: 'lattice' },
  'pca frames, the mean over signs': { frame_method: 'pca', ties: 'average' },
  'narrow Gaussians of |cos|': {
    cos_abs: 1,
    value_pe_angle_wscale: 1,
    value_pe_angle_coef: 6,
    value_pe_dist_coef: 1.5,
  },
  'densities of axes': { frame_method: 'density' },
  'one density of high degree, two vectors of heads': {
    ...{ frame_method: 'density', density_axes: 1, density_degree: 16 },
    ...{ model_dim: 48, head_num: 12, value_pe_angle_coef: 6 },
  },
}
/** An atom that sees no other within the radius, and two that see one image each. */
const ALONE = structure({ lattice: cube(15), frac: [[0.1, 0.2, 0.3]], species: [12] })
const PAIR = structure({
  lattice: cube(15),
  frac: [
    [0.1, 0.2, 0.3],
    [0.2, 0.3, 0.2],
  ],
  species: [11, 17],
})
const SPARSE = [ALONE, PAIR, CRYSTALS[0]]

afterAll(() => void tf.setBackend('cpu'))

/** By name: the loss, and the gradient of every parameter. */
async function evaluated(
  backend: BackendName,
  config: CrystalframerConfig,
  structures: readonly Structure[],
) {
  const engine = await startBackend(backend)
  const { geometry } = geometryOf(config, 'converged', { radius: 6 })
  const feed = feedFor(engine, config, geometry)
  const crystals = structures.map(feed.prepare)
  const batch = feed.upload(crystals)
  expect(batch.fusedAttention !== undefined).toBe(backend !== 'cpu')
  const { parameters } = initialState(config, 3, 1)
  setStatistics(parameters, batch, config)
  batch.dispose()
  const targets = Float32Array.of(4, -3, 5)
  const source = localGradients(feed, config, { loss: 'mse' })
  const { loss, gradients } = await source.ofMicroBatch(parameters, { crystals, targets }, 3)
  const found = new Map<string, ArrayLike<number>>([['loss', [loss]]])
  for (const [name, gradient] of gradients) found.set(name, gradient.dataSync())
  return found
}

const OURS = ['wasm', 'native', 'tensorflow'] as const
const missing = await Promise.all(OURS.map(whyNot))
const here = OURS.filter((_, n) => missing[n] === undefined)

describe('framed attention', () => {
  const cases = [
    ...Object.entries(CASES).map(([title, changes]) => ({ title, changes, crystals: CRYSTALS })),
    ...['max', 'density'].map((frame_method) => ({
      ...{ title: `${frame_method}, atoms with few images or none` },
      ...{ changes: { frame_method }, crystals: SPARSE },
    })),
  ]
  it.each(cases)('is that of models/: $title', async ({ changes, crystals }) => {
    const config = modelConfig({ ...BASE, ...changes }) as CrystalframerConfig
    const expected = await evaluated('cpu', config, crystals)
    const scale = Math.max(...[...expected.values()].flatMap((values) => Array.from(values, Math.abs)))
    for (const backend of here) {
      const found = await evaluated(backend, config, crystals)
      for (const [name, values] of expected) {
        const other = found.get(name)!
        let worst = 0
        for (let i = 0; i < values.length; i++) worst = Math.max(worst, Math.abs(values[i] - other[i]))
        expect(worst / scale, `${name} on ${backend}`).toBeLessThan(F32)
      }
    }
  })
})

describe('angularCells', () => {
  it.each([
    { value_pe_angle_real: 64, value_pe_angle_wscale: 4 },
    { value_pe_angle_real: 16, value_pe_angle_wscale: 1 },
    { value_pe_angle_real: 16, value_pe_angle_wscale: 0.5, cos_abs: 1 },
  ])('%j: polynomials that are the Gaussians', (changes) => {
    const config = modelConfig({ architecture: 'crystalframer', ...changes }) as CrystalframerConfig
    const { count, least, perUnit, polynomials } = angularCells(config)
    const { value_pe_angle_real: gaussians, value_pe_angle_wscale: scale, cos_abs } = config
    const range = cos_abs ? 1 : 2
    const sigma = (scale * range) / (gaussians - 1)
    for (let n = 0; n <= 1000; n++) {
      const u = least + (range * n) / 1000
      const cell = Math.min(count - 1, Math.floor((u - least) * perUnit))
      const t = (u - least) * perUnit - cell - 0.5
      for (const g of [0, 1, gaussians >> 1, gaussians - 1]) {
        const terms = polynomials.subarray((g * count + cell) * 8, (g * count + cell + 1) * 8)
        const value = terms.reduce((sum, c, power) => sum + c * t ** power, 0)
        const exact = Math.exp(-((u - least - (g * range) / (gaussians - 1)) ** 2) / (2 * sigma ** 2))
        expect(Math.abs(value - exact)).toBeLessThan(POLYNOMIAL)
      }
    }
  })
})

function cube(a: number) {
  return [
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ]
}
