import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { initialiseWeights } from '../../models/attention/initialise.ts'
import { inferConfig, parameterShapes } from '../../models/attention/parameters.ts'
import { readSafetensors } from '../../models/safetensors.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'

/** Standard deviations that a root mean square of n random numbers may be off. */
const SIGMAS = 5

describe.each(['crystalformer', 'crystalframer'])('initialiseWeights, %s', (architecture) => {
  const published = readSafetensors(
    readFileSync(new URL(`../fixtures/golden/${architecture}_tiny_init.safetensors`, import.meta.url)),
  ).tensors
  const config = inferConfig(published)
  const weights = initialiseWeights(config, 123)

  it.each([...published.keys()])('%s is spread as by the published constructor', (name) => {
    const [ours, theirs] = [weights.get(name)!.data, published.get(name)!.data]
    expect(ours).toHaveLength(theirs.length)
    const spread = rootMeanSquare(theirs)
    // a normal sample's root mean square scatters by 1/√2n, a uniform one's by less
    const scatter = spread * Math.sqrt(2 / (2 * theirs.length))
    expect(Math.abs(rootMeanSquare(ours) - spread)).toBeLessThanOrEqual(SIGMAS * scatter)
  })

  it('scales with depth and width as T-Fixup says', () => {
    const large = initialiseWeights(modelConfig(), 1)
    const spread = (name: string) => rootMeanSquare(large.get(name)!.data)
    expect(spread('input_embeddings.weight')).toBeCloseTo(128 ** -0.5 * 36 ** -0.25, 2)
    const uniform = (fanIn: number, fanOut: number) => Math.sqrt(6 / (fanIn + fanOut)) / Math.sqrt(3)
    expect(spread('encoder.layers.0.self_attn.q_proj_weight') / uniform(128, 128)).toBeCloseTo(1, 1)
    expect(spread('encoder.layers.0.self_attn.v_proj_weight') / uniform(128, 128)).toBeCloseTo(0.4738, 1)
    expect(spread('encoder.layers.0.linear1.weight') / uniform(128, 512)).toBeCloseTo(0.4738, 1)
    expect(spread('encoder.layers.0.self_attn.pe_dist_proj') / uniform(64, 128)).toBeCloseTo(0.125, 2)
  })

  it('is determined by the seed, in the published order', () => {
    expect(initialiseWeights(config, 123)).toEqual(weights)
    expect([...weights.keys()]).toEqual([...parameterShapes(config).keys()])
    for (const seed of [0, 124, 123 + 2 ** 32]) {
      const other = initialiseWeights(config, seed).get('mlp.0.weight')!.data
      expect(correlation(other, weights.get('mlp.0.weight')!.data)).toBeLessThan(
        SIGMAS / Math.sqrt(other.length),
      )
    }
  })
})

describe('random numbers', () => {
  it('are uniform and normal to the fourth moment', () => {
    const n = 200_000
    const { uniform } = sfc32(7)
    const { normal } = sfc32(8)
    const u = Float64Array.from({ length: n }, uniform)
    const g = Float64Array.from({ length: n }, normal)
    const moment = (x: Float64Array, k: number) => x.reduce((sum, v) => sum + v ** k, 0) / n
    expect(Math.min(...u.subarray(0, 1000))).toBeGreaterThanOrEqual(0)
    for (const k of [1, 2, 3, 4]) expect(moment(u, k)).toBeCloseTo(1 / (k + 1), 2)
    expect(moment(g, 1)).toBeCloseTo(0, 1)
    expect(moment(g, 2)).toBeCloseTo(1, 1)
    expect(moment(g, 3)).toBeCloseTo(0, 1)
    expect(moment(g, 4)).toBeCloseTo(3, 0)
  })
})

function rootMeanSquare(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
}

function correlation(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, x, n) => sum + x * b[n], 0)
  return Math.abs(product) / (a.length * rootMeanSquare(a) * rootMeanSquare(b))
}
