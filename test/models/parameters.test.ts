import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { initialiseWeights } from '../../models/attention/initialise.ts'
import { checkTrained, inferConfig, isTrainable, parameterShapes } from '../../models/attention/parameters.ts'
import { checkWeights } from '../../models/registry.ts'
import { readSafetensors, type Weights } from '../../models/safetensors.ts'
import { ConfigError, WeightsError } from '../../src/errors.ts'
import { SMALL } from './tensors.ts'

const published = readSafetensors(
  readFileSync(new URL('../fixtures/golden/crystalformer_tiny_init.safetensors', import.meta.url)),
).tensors

const count = (config = modelConfig()) =>
  [...parameterShapes(config)].reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0)

describe('parameterShapes', () => {
  it('has the published totals', () => {
    expect(count()).toBe(853_517)
    expect(count(modelConfig({ value_pe_dist_real: 0 }))).toBe(820_749)
    expect(count(modelConfig({ num_layers: 5 })) - count()).toBe(206_083)
    const framed = { architecture: 'crystalframer' as const }
    expect(count(modelConfig(framed))).toBe(951_821)
    expect(count(modelConfig({ ...framed, value_pe_angle_real: 16 }))).toBe(878_093)
  })

  it('has the published names and shapes', () => {
    const shapes = parameterShapes(inferConfig(published))
    expect(new Set(shapes.keys())).toEqual(new Set(published.keys()))
    for (const [name, { shape }] of published) expect(shapes.get(name), name).toEqual(shape)
  })

  it('has ψ only in blocks that work in real space', () => {
    const names = [...parameterShapes(modelConfig({ domain: 'real-reci-multihead-RECI' })).keys()]
    const blocks = names.filter((name) => name.endsWith('pe_dist_proj')).map((name) => name.split('.')[2])
    expect(blocks).toEqual(['0', '2'])
  })

  it('lets training change all but the two constants of a block', () => {
    const constant = [...parameterShapes(modelConfig()).keys()].filter((name) => !isTrainable(name))
    expect(constant).toHaveLength(8)
    expect(constant.slice(0, 2)).toEqual([
      'encoder.layers.0.self_attn.gauss_scale',
      'encoder.layers.0.self_attn.atten_scale',
    ])
  })
})

describe('checkWeights', () => {
  const weights = initialiseWeights(SMALL, 1)
  const changed = (change: (copy: Map<string, { shape: readonly number[]; data: Float32Array }>) => void) => {
    const copy = new Map(weights)
    change(copy)
    return copy
  }

  it('accepts what fits', () => {
    expect(() => checkWeights(weights, SMALL)).not.toThrow()
  })

  it('names all that does not', () => {
    const broken = changed((copy) => {
      copy.delete('mlp.0.bias')
      copy.set('mlp.9.bias', { shape: [1], data: new Float32Array(1) })
      copy.set('mlp.3.bias', { shape: [2], data: new Float32Array(2) })
    })
    expect(() => checkWeights(broken, SMALL)).toThrow(WeightsError)
    expect(() => checkWeights(broken, SMALL)).toThrow(
      /missing mlp\.0\.bias; not part of the architecture: mlp\.9\.bias; mlp\.3\.bias has shape \[2\], expected \[1\]/,
    )
  })

  it('refuses numbers that are not finite', () => {
    const broken = changed((copy) =>
      copy.set('mlp.3.bias', { shape: [1], data: Float32Array.of(Number.NaN) }),
    )
    expect(() => checkWeights(broken, SMALL)).toThrow(/mlp\.3\.bias holds a value that is not finite/)
  })
})

describe('checkTrained', () => {
  it('refuses weights whose widths were never standardised', () => {
    const config = inferConfig(published)
    expect(() => checkTrained(published, config)).toThrow(
      /layers\.0\.self_attn\.gauss_scale\[0\] is 0.*never trained/,
    )
    const trained = new Map(published)
    for (const l of [0, 1]) {
      trained.set(`encoder.layers.${l}.self_attn.gauss_scale`, { shape: [2], data: Float32Array.of(1, 0) })
    }
    expect(() => checkTrained(trained, config)).not.toThrow()
  })
})

describe('inferConfig', () => {
  it('finds every size in the shapes', () => {
    expect(inferConfig(published)).toEqual(
      modelConfig({
        num_layers: 2,
        model_dim: 32,
        head_num: 4,
        ff_dim: 64,
        embedding_dim: [32],
        value_pe_dist_real: 32,
      }),
    )
  })

  it.each([
    { num_targets: 3, embedding_dim: [8, 4] },
    { embedding_dim: [] },
    { num_layers: 12, domain: 'real-reci' },
    { domain: 'multihead' },
    { domain: 'reci' },
    { value_pe_dist_real: 0 },
    { architecture: 'crystalframer', value_pe_angle_real: 16 },
  ])('round trip of %o', (input) => {
    const config = modelConfig({ ...SMALL, ...input })
    const weights = initialiseWeights(config, 1)
    const given = { domain: config.domain, head_num: config.head_num }
    const found = inferConfig(weights, given)
    expect(() => checkWeights(weights, found)).not.toThrow()
    expect(parameterShapes(found)).toEqual(parameterShapes(config))
  })

  it('takes the rest from what is given', () => {
    expect(inferConfig(published, { scale_real: [1, 2], model_dim: 32 }).scale_real).toEqual([1, 2])
  })

  it('refuses contradictions', () => {
    expect(() => inferConfig(published, { num_layers: 4 })).toThrow(ConfigError)
    expect(() => inferConfig(published, { num_layers: 4 })).toThrow(/num_layers 4, the weights have 2/)
    expect(() => inferConfig(published, { embedding_dim: [128] })).toThrow(
      /embedding_dim 128, the weights have 32/,
    )
    const simplified = initialiseWeights(modelConfig({ ...SMALL, value_pe_dist_real: 0 }), 1)
    expect(() => inferConfig(simplified, { head_num: 2, value_pe_dist_real: 64 })).toThrow(
      /the weights have none/,
    )
  })

  it('refuses weights of something else', () => {
    const other: Weights = new Map([['conv1.weight', { shape: [1], data: new Float32Array(1) }]])
    expect(() => inferConfig(other)).toThrow(WeightsError)
    expect(() => inferConfig(other)).toThrow(/hold no input_embeddings\.weight/)
  })
})
