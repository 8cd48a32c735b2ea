import { describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { ConfigError } from '../../src/errors.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { livelyWeights } from './lively.ts'
import { predict, SMALL } from './tensors.ts'

const config = modelConfig()

describe('geometryOf, converged', () => {
  it('takes the radius from the bound on the neglected weight', () => {
    // 1.54e-5 of a three-dimensional Gaussian lie beyond 5σ; σ is at most 1.4 Å/√0.5
    const { geometry, errorBound } = geometryOf(config, 'converged', { errorBound: 1.5440498e-5 })
    expect(geometry.images).toMatchObject({ kind: 'sphere' })
    expect((geometry.images as { radius: number }).radius).toBeCloseTo((5 * 1.4) / Math.sqrt(0.5), 5)
    expect(errorBound).toBe(1.5440498e-5)
    expect(geometry.reciprocal).toBeUndefined()
  })

  it('has a bound of 1e-5 by default', () => {
    const { geometry, errorBound } = geometryOf(config, 'converged')
    expect(errorBound).toBe(1e-5)
    expect((geometry.images as { radius: number }).radius).toBeCloseTo(10.0765, 3)
  })

  it('says what a given radius neglects, and shrinks with the smallest ρ', () => {
    const radius = (5 * 1.4) / Math.sqrt(0.5)
    const given = geometryOf(config, 'converged', { radius })
    expect(given.geometry.images).toEqual({ kind: 'sphere', radius })
    expect(given.errorBound).toBeCloseTo(1.544e-5, 8)
    const narrow = geometryOf(config, 'converged', { smallestRho: 2 })
    const wide = geometryOf(config, 'converged')
    const radiusOf = (g: typeof wide) => (g.geometry.images as { radius: number }).radius
    expect(radiusOf(narrow)).toBeCloseTo(radiusOf(wide) / 2, 9)
  })

  it('takes the largest r0 of all blocks', () => {
    const several = geometryOf(modelConfig({ scale_real: [0.7, 2.8] }), 'converged')
    expect((several.geometry.images as { radius: number }).radius).toBeCloseTo(2 * 10.0765, 2)
  })

  it('bounds the error of predictions', () => {
    const weights = livelyWeights(SMALL, 11)
    for (const name of ['Cu_fcc', 'SrTiO3_rattled', 'TiO2_skewed_rattled', 'MoS2_long_thin']) {
      const crystal = goldenStructures().get(name)!
      const truth = referenceForward(weights, SMALL, crystal, 'converged').value[0]
      for (const errorBound of [1e-2, 1e-3, 1e-4]) {
        const [value] = predict(weights, SMALL, [crystal], 'converged', { geometry: { errorBound } })
        expect(Math.abs(value - truth) / Math.abs(truth), `${name} at ${errorBound}`).toBeLessThan(errorBound)
      }
    }
  })

  it.each([
    { errorBound: 0 },
    { errorBound: 0.2 },
    { errorBound: Number.NaN },
    { radius: -1 },
    { radius: 1e3 },
    { smallestRho: 0.4 },
    { smallestRho: Number.POSITIVE_INFINITY },
  ])('refuses %o', (options) => {
    expect(() => geometryOf(config, 'converged', options)).toThrow(ConfigError)
  })
})

describe('geometryOf, published', () => {
  it('gives the box of the published kernels', () => {
    const { geometry, errorBound } = geometryOf(config, 'published')
    expect(geometry).toEqual({
      images: { kind: 'adaptive-box', minimum: 2, max_cutoff: (3.5 * 1.4) / Math.sqrt(0.5) },
    })
    expect(errorBound).toBeNull()
    const positive = geometryOf(modelConfig({ adaptive_cutoff_sigma: 3, lattice_range: 1 }), 'published')
    expect(positive.geometry.images).toEqual({
      kind: 'adaptive-box',
      minimum: 1,
      max_cutoff: (3 * 1.4) / Math.sqrt(0.5),
    })
    const zero = geometryOf(modelConfig({ adaptive_cutoff_sigma: 0, lattice_range: 4 }), 'published')
    expect(zero.geometry.images).toEqual({ kind: 'box', range: 4 })
  })

  it('refuses the options of the converged sum', () => {
    expect(() => geometryOf(config, 'published', { radius: 8 })).toThrow(
      /radius has no meaning in published mode/,
    )
  })
})

describe('geometryOf, domains', () => {
  it.each([
    ['real', true, false],
    ['reci', false, true],
    ['RECI', false, true],
    ['multihead', true, true],
    ['real-reci', true, true],
  ])('%s', (domain, images, reciprocal) => {
    for (const mode of ['converged', 'published'] as const) {
      const { geometry } = geometryOf(modelConfig({ domain }), mode)
      expect('images' in geometry).toBe(images)
      expect('reciprocal' in geometry).toBe(reciprocal)
    }
  })
})
