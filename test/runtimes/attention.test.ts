// The attention of a model over periodic images, against the float64 reference: shares of every image, sums, places.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { type ReferenceLayer, referenceForward } from '../../models/reference/forward.ts'
import { type Attention, strongestImages } from '../../runtimes/attention.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { ConfigError } from '../../src/errors.ts'
import { exportCase, loadHere, misspelt, TINY } from '../exporters/crystal/exported.ts'
import {
  FRAMED_CASES,
  goldenStructures,
  goldenWeights,
  largestDifference,
  TINY_CASES,
} from '../golden/goldens.ts'
import { exported } from './models.ts'

/** A softmax over some thousand images in float32. */
const SUM = 1e-6
/** Weights of images, all at most 1, through a network of two blocks in float32. */
const WEIGHT = 5e-6
/** Frames are unit vectors of differences of coordinates in float32. */
const FRAME = 1e-4

const crystals = ['NaCl_conv', 'GaN_unwrapped', 'MoS2_long_thin', 'TiO2_skewed_rattled', 'Cf_fcc'].map(
  (name) => {
    const crystal = goldenStructures().get(name)
    if (!crystal) throw new Error(name)
    return crystal
  },
)
const converged = { ...TINY, mode: 'converged' } as const
const multihead = { ...TINY_CASES[3], mode: 'converged' } as const
const framed = { ...FRAMED_CASES[0], mode: 'converged' } as const

let model: Model
beforeAll(async () => {
  model = await load((await exportCase(converged, { outputs: ['attention'] })).bytes, { device: 'cpu' })
})
afterAll(() => model.dispose())

/** Largest difference between the weights and P_ij·exp(a_i·r² − α_ij) of the reference. */
function worst(attention: Attention, layers: readonly ReferenceLayer[], headCount: number): number {
  const { atoms, blocks, heads, offsets, site, displacement, weights } = attention
  let largest = 0
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const r2 = displacement.subarray(3 * image, 3 * image + 3).reduce((sum, x) => sum + x * x, 0)
      blocks.forEach((l, b) => {
        const { alpha, shares, exponents } = layers[l]
        for (let h = 0; h < heads; h++) {
          const pair = (i * atoms + site[image]) * headCount + h
          const expected = shares[pair] * Math.exp(exponents[i * headCount + h] * r2 - alpha[pair])
          const found = weights[(image * blocks.length + b) * heads + h]
          largest = Math.max(largest, Math.abs(found - expected))
        }
      })
    }
  }
  return largest
}

/** Largest difference from 1 of the weights of an atom's images over one block and head. */
function unevenness({ atoms, blocks, heads, offsets, weights }: Attention): number {
  const count = blocks.length * heads
  let largest = 0
  for (let i = 0; i < atoms; i++) {
    const sums = new Float64Array(count)
    for (let at = offsets[i] * count; at < offsets[i + 1] * count; at++) sums[at % count] += weights[at]
    for (const sum of sums) largest = Math.max(largest, Math.abs(sum - 1))
  }
  return largest
}

describe('attention', () => {
  it('gives every image its share of the float64 reference, and all of them sum to 1', async () => {
    for (const crystal of crystals) {
      const attention = await model.attention(crystal)
      const weights = goldenWeights(TINY.weights, TINY.config)
      const { layers } = referenceForward(weights, TINY.config, crystal, 'converged')
      expect(attention.blocks).toEqual([0, 1])
      expect(attention.heads).toBe(4)
      expect(attention.frames).toBeUndefined()
      expect(unevenness(attention), crystal.name).toBeLessThan(SUM)
      expect(worst(attention, layers, 4), crystal.name).toBeLessThan(WEIGHT)
    }
  })

  it('places every image: site, cell and displacement', async () => {
    for (const crystal of crystals) {
      const { atoms, offsets, site, cell, displacement } = await model.attention(crystal)
      const { lattice, frac } = crystal
      for (let i = 0; i < atoms; i++) {
        let own = 0
        for (let image = offsets[i]; image < offsets[i + 1]; image++) {
          const n = cell.subarray(3 * image, 3 * image + 3)
          const f = frac[site[image]].map((x, m) => x + n[m] - frac[i][m])
          const r = [0, 1, 2].map((c) => f.reduce((sum, x, m) => sum + x * lattice[m][c], 0))
          for (const c of [0, 1, 2]) expect(r[c]).toBeCloseTo(displacement[3 * image + c], 9)
          if (site[image] === i && n.every((x) => x === 0)) own++
        }
        expect(own).toBe(1)
      }
    }
  })

  it('is that of the heads in real space where there are both, and of the published box', async () => {
    const [crystal] = crystals
    for (const golden of [multihead, TINY] as const) {
      const { bytes } = await exportCase(golden, { outputs: ['attention'] })
      const opened = await loadHere(bytes)
      const attention = await opened.attention(crystal)
      const weights = goldenWeights(golden.weights, golden.config)
      const { layers } = referenceForward(weights, golden.config, crystal, golden.mode)
      expect(attention.heads).toBe(golden === multihead ? 2 : 4)
      if (golden.mode === 'converged') expect(worst(attention, layers, 4)).toBeLessThan(WEIGHT)
      expect(unevenness(attention)).toBeLessThan(SUM)
      await opened.dispose()
    }
  })

  it('comes with the frames of a CrystalFramer', async () => {
    const golden = builtIn().slice(1, 2)
    const { bytes } = await exportCase(framed, { outputs: ['attention'], golden })
    const opened = await loadHere(bytes)
    const crystal = goldenStructures().get('Si_diamond_rattled')!
    const attention = await opened.attention(crystal)
    const weights = goldenWeights(framed.weights, framed.config)
    const { layers } = referenceForward(weights, framed.config, crystal, 'converged')
    expect(attention.frames).toHaveLength(2 * 2 * 4 * 9)
    for (let i = 0; i < 2; i++) {
      layers.forEach(({ frames }, l) => {
        const size = 4 * 9
        const found = attention.frames!.subarray((i * 2 + l) * size, (i * 2 + l + 1) * size)
        const expected = frames!.subarray(i * size, (i + 1) * size)
        expect(largestDifference(found, expected)).toBeLessThan(FRAME)
      })
    }
    await opened.dispose()
  })
})

describe('attention that onnxruntime cannot give', () => {
  it.each([true, false])(
    'keeps the fused engine neither from predicting nor from ending (worker: %s)',
    async (worker) => {
      const { bytes } = await exportCase({ ...TINY, mode: 'converged' }, { outputs: ['attention'] })
      const opened = await load(await misspelt(bytes), { device: 'cpu', engine: 'fused', threads: 1, worker })
      for (let n = 0; n < 2; n++) {
        await expect(opened.attention(crystals[0])).rejects.toThrow(/onnxruntime cannot open the graph/)
      }
      expect((await opened.predict(crystals[0])).value).toBeTypeOf('number')
      await opened.dispose()
    },
  )
})

describe('strongestImages', () => {
  it('sorts by the mean share of the blocks and heads that are asked for', async () => {
    const attention = await model.attention(crystals[0])
    const all = strongestImages(attention, 3)
    expect(all).toHaveLength(attention.offsets[4] - attention.offsets[3])
    expect(all.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5)
    for (const [n, { weight }] of all.slice(1).entries()) expect(weight).toBeLessThanOrEqual(all[n].weight)

    const [first] = strongestImages(attention, 3, { block: 1, head: 2, count: 1 })
    const column = (image: number) => attention.weights[(image * 2 + 1) * 4 + 2]
    expect(first.weight).toBe(column(first.image))
    for (const { image } of all) expect(column(image)).toBeLessThanOrEqual(first.weight)
    const { displacement, cell, site } = attention
    const at = 3 * first.image
    expect(first).toMatchObject({
      site: site[first.image],
      cell: [...cell.subarray(at, at + 3)],
      displacement: [...displacement.subarray(at, at + 3)],
    })
  })

  it('refuses an atom, block or head that is not there', async () => {
    const attention = await model.attention(crystals[0])
    expect(() => strongestImages(attention, 8)).toThrow(/atom 8 of 8/)
    expect(() => strongestImages(attention, 0, { block: 2 })).toThrow(ConfigError)
    expect(() => strongestImages(attention, 0, { head: 4 })).toThrow(/head 4 of 4/)
  })
})

describe('a model without attention', () => {
  it('says how to export it', async () => {
    const opened = await loadHere(exported.bytes)
    await expect(opened.attention(crystals[0])).rejects.toThrow(ConfigError)
    await expect(opened.attention(crystals[0])).rejects.toThrow(/--outputs attention/)
    await opened.dispose()
  })

  it('in reciprocal space only has none to give, neither when it is exported nor later', async () => {
    const reciprocal = TINY_CASES[2]
    await expect(exportCase(reciprocal, { outputs: ['attention'] })).rejects.toThrow(
      /no attention over images/,
    )
    const opened = await loadHere((await exportCase(reciprocal)).bytes)
    await expect(opened.attention(crystals[0])).rejects.toThrow(/reciprocal space only/)
    await opened.dispose()
  })
})
