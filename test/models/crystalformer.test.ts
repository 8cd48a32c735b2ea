// What the network must not depend on, and what it must: symmetries of a crystal, the rest of the batch, sites that
// hold several species, statistics of the first training batch.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { attentionNetwork, gaussStatistics } from '../../models/attention/forward.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { gaussScaleName, layerPrefix } from '../../models/attention/parameters.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import type { Weights } from '../../models/safetensors.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { goldenStructures, largestDifference } from '../golden/goldens.ts'
import { livelyWeights } from './lively.ts'
import { inputsOf, parametersOf, predict, SMALL } from './tensors.ts'

/** Relative, float32. Different summation orders, and images that enter or leave the sphere at its rim. */
const INVARIANCE = 1e-5
/** The same sum over other padding, relative to the largest output of the batch. */
const PADDING = 1e-6
/** Statistics of float32 features against float64, relative. */
const STATISTICS = 1e-5
const F32 = 1e-6

const crystals = goldenStructures()
const perovskite = crystals.get('SrTiO3_rattled')!

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe.each(['real', 'multihead'])('invariances, domain %s', (domain) => {
  const config = modelConfig({ ...SMALL, domain })
  const weights = livelyWeights(config, 1)
  const value = (crystal: Structure) => predict(weights, config, [crystal])[0]
  const original = () => value(perovskite)

  it('rotation and reflection', () => {
    const rotated = mapCartesian(perovskite, rotation(0.7, -1.1, 2.3))
    expect(relative(value(rotated), original())).toBeLessThan(INVARIANCE)
    const mirrored = mapCartesian(perovskite, ([x, y, z]) => [x, y, -z])
    expect(relative(value(mirrored), original())).toBeLessThan(INVARIANCE)
  })

  it('translation, and atoms outside the cell', () => {
    const moved = {
      ...perovskite,
      frac: perovskite.frac.map(([a, b, c]): Vec3 => [a + 0.37, b - 0.81, c + 5.2]),
    }
    expect(relative(value(structure(moved)), original())).toBeLessThan(INVARIANCE)
    const unwrapped = perovskite.frac.map(([a, b, c], i): Vec3 => [a + i, b - 2 * i, c + (i % 2)])
    expect(relative(value(structure({ ...perovskite, frac: unwrapped })), original())).toBeLessThan(
      INVARIANCE,
    )
  })

  it('order of the atoms', () => {
    const order = [3, 0, 4, 2, 1]
    const shuffled = structure({
      lattice: perovskite.lattice,
      frac: order.map((i) => perovskite.frac[i]),
      species: order.map((i) => perovskite.species[i]),
    })
    expect(relative(value(shuffled), original())).toBeLessThan(INVARIANCE)
  })

  it('depends on distances and on species', () => {
    const larger = structure({
      ...perovskite,
      lattice: perovskite.lattice.map((row) => row.map((x) => 1.05 * x)),
    })
    expect(relative(value(larger), original())).toBeGreaterThan(100 * INVARIANCE)
    const swapped = structure({ ...perovskite, species: [...perovskite.species].reverse() })
    expect(relative(value(swapped), original())).toBeGreaterThan(100 * INVARIANCE)
  })
})

describe('choice of the cell, converged mode', () => {
  const weights = livelyWeights(SMALL, 2)
  const value = (crystal: Structure) => predict(weights, SMALL, [crystal])[0]

  it('supercells', () => {
    const primitive = crystals.get('Si_diamond_rattled')!
    for (const matrix of [
      [
        [2, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      [
        [1, 1, 0],
        [-1, 1, 0],
        [0, 1, 1],
      ],
    ] as [Vec3, Vec3, Vec3][]) {
      expect(relative(value(supercell(primitive, matrix)), value(primitive))).toBeLessThan(INVARIANCE)
    }
  })

  it.each([
    ['TiO2_rutile', 'TiO2_skewed'],
    ['NaCl_prim', 'NaCl_conv'],
    ['GaN_wurtzite', 'GaN_unwrapped'],
  ])('%s and %s', (one, other) => {
    expect(relative(value(crystals.get(other)!), value(crystals.get(one)!))).toBeLessThan(INVARIANCE)
  })
})

describe('batches', () => {
  const names = ['Cu_fcc', 'CsPbI3_like_20', 'TiO2_rutile', 'MoS2_long_thin']

  it.each([
    ['real', 'converged'],
    ['real', 'published'],
    ['multihead', 'converged'],
    ['reci', 'converged'],
  ] as const)('the rest of the batch has no effect, %s, %s', (domain, mode) => {
    const config = modelConfig({ ...SMALL, domain, num_targets: 3 })
    const weights = livelyWeights(config, 3)
    const batch = names.map((name) => crystals.get(name)!)
    const together = predict(weights, config, batch, mode)
    const scale = Math.max(...together.map(Math.abs))
    batch.forEach((crystal, c) => {
      const alone = predict(weights, config, [crystal], mode)
      const inBatch = together.subarray(3 * c, 3 * c + 3)
      expect(largestDifference(inBatch, alone) / scale, names[c]).toBeLessThan(PADDING)
    })
  })
})

describe('sites', () => {
  it('hold occupancy-weighted mixtures of species, and vacancies', () => {
    const weights = livelyWeights(SMALL, 4)
    const mixed = structure({
      ...perovskite,
      species: perovskite.species.map((site, i) =>
        i === 0
          ? [
              { element: 38, occupancy: 0.7 },
              { element: 56, occupancy: 0.3 },
            ]
          : i === 1
            ? [{ element: 22, occupancy: 0.9 }]
            : site,
      ),
    })
    const expected = referenceForward(weights, SMALL, mixed, 'converged').value[0]
    expect(relative(predict(weights, SMALL, [mixed])[0], expected)).toBeLessThan(INVARIANCE)
    expect(relative(predict(weights, SMALL, [perovskite])[0], expected)).toBeGreaterThan(100 * INVARIANCE)
    const beside = predict(weights, SMALL, [perovskite, mixed])
    expect(relative(beside[1], expected)).toBeLessThan(INVARIANCE)
  })
})

describe('against the float64 reference', () => {
  it.each([
    [{ scale_real: [1.4, 0.9] }, 'converged'],
    [{ scale_real: [1.4, 0.9] }, 'published'],
    [{ scale_real: [1.4, 0.9], adaptive_cutoff_sigma: 2.5 }, 'published'],
    [{ adaptive_cutoff_sigma: 2.5, lattice_range: 1 }, 'published'],
    [{ adaptive_cutoff_sigma: -2, lattice_range: 1 }, 'published'],
    [{ value_pe_dist_max: 8, value_pe_width_scale: 2 }, 'converged'],
    [{ embedding_dim: [], num_targets: 2 }, 'converged'],
    [{ embedding_dim: [8, 6] }, 'converged'],
    [{ domain: 'real-RECI-multihead', num_layers: 3, scale_reci: [2.2, 1.5] }, 'converged'],
    [{ domain: 'multihead', value_pe_dist_real: 0, gauss_lb_reci: 0.3 }, 'published'],
  ] as const)('%o, %s', (input, mode) => {
    const config = modelConfig({ ...SMALL, ...structuredClone(input) })
    const weights = livelyWeights(config, 6)
    for (const name of ['GaN_unwrapped', 'Cu_fcc']) {
      const crystal = crystals.get(name)!
      const expected = referenceForward(weights, config, crystal, mode).value
      const found = predict(weights, config, [crystal], mode)
      for (const [t, x] of found.entries()) expect(relative(x, expected[t]), name).toBeLessThan(INVARIANCE)
    }
  })

  it('agrees for a left-handed cell in reciprocal space', () => {
    const config = modelConfig({ ...SMALL, domain: 'reci' })
    const weights = livelyWeights(config, 7)
    const [a, b, c] = perovskite.lattice
    const left = structure({
      lattice: [b, a, c],
      frac: perovskite.frac.map(([x, y, z]): Vec3 => [y, x, z]),
      species: perovskite.species,
    })
    expect(
      relative(predict(weights, config, [left])[0], predict(weights, config, [perovskite])[0]),
    ).toBeLessThan(F32)
  })
})

describe('gaussStatistics', () => {
  it.each(['real', 'multihead'])('standardises the widths of every block over the batch, %s', (domain) => {
    const config = modelConfig({ ...SMALL, domain })
    const weights = new Map(livelyWeights(config, 8))
    const batch = ['SrTiO3_rattled', 'Cu_fcc', 'GaN_wurtzite_rattled'].map((name) => crystals.get(name)!)
    const measured = gaussStatistics(parametersOf(weights), config, inputsOf(batch, config, 'converged'))
    const statistics = new Map(
      [...measured].map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]),
    )
    expect([...statistics.keys()]).toEqual([gaussScaleName(0), gaussScaleName(1)])
    for (const [name, data] of statistics) weights.set(name, { shape: [2], data })

    // the width logits of a block follow from the reference's output of the block before it
    const references = batch.map((crystal) => referenceForward(weights, config, crystal, 'converged'))
    for (let l = 1; l < config.num_layers; l++) {
      const logits = references.flatMap(({ layers }) => widthLogits(weights, config, l, layers[l - 1].out))
      const mean = logits.reduce((sum, g) => sum + g, 0) / logits.length
      const variance = logits.reduce((sum, g) => sum + (g - mean) ** 2, 0) / (logits.length - 1)
      const [scale, shift] = statistics.get(gaussScaleName(l))!
      expect(relative(scale, 1 / Math.sqrt(variance))).toBeLessThan(STATISTICS)
      expect(relative(shift, -mean)).toBeLessThan(STATISTICS)
    }
  })

  it('leaves no tensors behind but the statistics', () => {
    const parameters = parametersOf(livelyWeights(SMALL, 9))
    const inputs = inputsOf([perovskite], SMALL, 'converged')
    const before = tf.memory().numTensors
    const statistics = gaussStatistics(parameters, SMALL, inputs)
    expect(tf.memory().numTensors - before).toBe(SMALL.num_layers)
    tf.dispose([...statistics.values()])
    attentionNetwork(parameters, SMALL, inputs).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('inputs', () => {
  it('are only those that the network reads', () => {
    const published = inputsOf([perovskite], SMALL, 'published')
    const { image_reach: reach, ...rest } = published
    expect(reach).toBeDefined()
    expect(Object.keys(inputsOf([perovskite], SMALL, 'converged'))).toEqual(Object.keys(rest))
    const reciprocal = modelConfig({ ...SMALL, domain: 'reci' })
    expect(Object.keys(inputsOf([perovskite], reciprocal, 'converged'))).not.toContain('translation')
    expect(geometryOf(reciprocal, 'converged').geometry.images).toBeUndefined()
  })
})

/** q·w by head of every atom, [N·H], from the features x [N, d] that enter block l. */
function widthLogits(weights: Weights, config: typeof SMALL, l: number, x: Float64Array): number[] {
  const { model_dim: d, head_num: heads } = config
  const tensor = (name: string) => weights.get(`${layerPrefix(l)}self_attn.${name}`)!.data
  const [projection, bias, w] = [
    tensor('q_proj_weight'),
    tensor('in_proj_bias'),
    tensor('lattice_pos_weights'),
  ]
  const logits: number[] = []
  for (let i = 0; i < x.length / d; i++) {
    for (let h = 0; h < heads; h++) {
      let g = 0
      for (let f = (h * d) / heads; f < ((h + 1) * d) / heads; f++) {
        let q = bias[f]
        for (let c = 0; c < d; c++) q += projection[f * d + c] * x[i * d + c]
        g += q * w[f]
      }
      logits.push(g)
    }
  }
  return logits
}

function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b)
}

/** The crystal with a linear map applied to its lattice vectors. */
function mapCartesian(crystal: Structure, map: (v: Vec3) => Vec3): Structure {
  return structure({ ...crystal, lattice: crystal.lattice.map(map) })
}

function rotation(alpha: number, beta: number, gamma: number): (v: Vec3) => Vec3 {
  const turn =
    (angle: number, u: number, v: number) =>
    (r: Vec3): Vec3 => {
      const out: [number, number, number] = [...r]
      out[u] = Math.cos(angle) * r[u] - Math.sin(angle) * r[v]
      out[v] = Math.sin(angle) * r[u] + Math.cos(angle) * r[v]
      return out
    }
  return (v) => turn(gamma, 0, 1)(turn(beta, 0, 2)(turn(alpha, 1, 2)(v)))
}
