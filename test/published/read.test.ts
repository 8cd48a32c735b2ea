// Layouts of published weights: a state_dict with and without the names of Lightning and of torch's AveragedModel,
// safetensors, and the way back. What does not fit is named.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parameterShapes } from '../../models/attention/parameters.ts'
import { readSafetensors, type Weights, writeSafetensors } from '../../models/safetensors.ts'
import { ConfigError, WeightsError } from '../../src/errors.ts'
import { readPublished } from '../../src/published/read.ts'
import { writePublished } from '../../src/published/write.ts'
import { fixture } from '../cli/run.ts'
import { differing } from './weights.ts'

const NAME = 'weights.safetensors'
const golden = readSafetensors(
  readFileSync(fixture('golden/crystalformer_tiny_perturbed.safetensors')),
).tensors
const hyper = new Map<string, unknown>([
  ...Object.entries({ model_dim: 32, head_num: 4, ff_dim: 64, num_layers: 2, embedding_dim: [32] }),
  ...Object.entries({ value_pe_dist_real: 32, targets: 'bandgap' }),
])
const prefixed = (prefix: string, weights: Weights = golden): Weights =>
  new Map([...weights].map(([name, tensor]) => [prefix + name, tensor]))
const scalar = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) })
const read = (weights: Weights, options = {}) =>
  readPublished(writeSafetensors(weights), NAME, { hyper, ...options })

describe('layouts', () => {
  it('plain names, in the order of the network', () => {
    const shuffled = new Map([...golden].reverse())
    const { weights, config, set, targets, warnings } = read(shuffled)
    expect(differing(weights, golden)).toEqual([])
    expect([...weights.keys()]).toEqual([...parameterShapes(config).keys()])
    expect(set).toBeUndefined()
    expect(targets).toEqual([{ name: 'bandgap', unit: 'eV', mean: 0, std: 1 }])
    expect(warnings.join()).toMatch(/standard deviations; give --mean and --std/)
    expect(read(golden, { mean: 1, std: 2 }).targets[0]).toMatchObject({ mean: 1, std: 2 })
  })

  it("torch's AveragedModel", () => {
    const { weights, averaged } = read(new Map([...prefixed('module.'), ['n_averaged', scalar(7)]]))
    expect(differing(weights, golden)).toEqual([])
    expect(averaged).toBe(7)
  })

  it("Lightning's module without averaging", () => {
    const state = new Map([...prefixed('model.'), ['target_mean', scalar(-1)], ['target_std', scalar(3)]])
    expect(() => read(state)).toThrow(/--weights last/)
    const { targets, set } = read(state, { weights: 'last' })
    expect(set).toBe('last')
    expect(targets[0]).toMatchObject({ mean: -1, std: 3 })
    expect(() => read(state, { weights: 'last', mean: 0 })).toThrow(/target_mean of -1 itself/)
  })

  it.each([
    ['_orig_mod.model.'],
    ['model._orig_mod.'],
    ['module.model.'],
    ['model.module._orig_mod.'],
    ['_forward_module.model.'],
  ])('weights whose names begin with %s', (prefix) => {
    const { weights, set } = read(prefixed(prefix), { weights: 'last' })
    expect(differing(weights, golden)).toEqual([])
    expect(set).toBe('last')
  })

  it('compiled layers, and an average of a compiled network', () => {
    const inside = new Map([...golden].map(([name, of]) => [name.replace('.', '._orig_mod.'), of]))
    expect(differing(read(inside).weights, golden)).toEqual([])
    const average = new Map([...prefixed('swa_model.module._orig_mod.'), ...prefixed('model._orig_mod.')])
    expect(read(average).set).toBe('swa')
    const twice = new Map([...prefixed('model.'), ...prefixed('model._orig_mod.')])
    expect(() => read(twice, { weights: 'last' })).toThrow(/and another tensor are both "model\./)
  })

  it('an average that never began', () => {
    const state = new Map([...prefixed('model.'), ...prefixed('swa_model.module.')])
    state.set('swa_model.n_averaged', scalar(0))
    expect(() => read(state)).toThrow(/n_averaged is 0: it was saved before averaging began/)
    expect(read(state, { weights: 'last' }).set).toBe('last')
  })

  it('the way back, and again', () => {
    const first = read(golden, { mean: -1.5, std: 0.5, property: ['e_form'] })
    const bytes = writePublished(first.weights, first.config, first.targets)
    const { tensors } = readSafetensors(bytes)
    expect([...tensors.keys()].filter((name) => name.startsWith('model.'))).toHaveLength(golden.size)
    expect(tensors.get('target_std')).toEqual(scalar(0.5))
    const { weights, ...again } = readPublished(bytes, NAME)
    const { config, targets, dataSet, unknown } = first
    expect(differing(weights, golden)).toEqual([])
    expect(again).toEqual({
      config,
      targets,
      dataSet,
      unknown,
      set: 'swa',
      averaged: 1,
      missing: [],
      warnings: [],
    })
  })
})

describe('what does not fit', () => {
  const changed = (change: (weights: Map<string, unknown>) => void): Weights => {
    const copy = new Map<string, unknown>(golden)
    change(copy)
    return copy as unknown as Weights
  }
  const cases: [string, Weights, RegExp][] = [
    ['a missing tensor', changed((w) => w.delete('mlp.0.bias')), /missing mlp\.0\.bias/],
    [
      'an extra tensor',
      changed((w) => w.set('encoder.norm.weight', scalar(1))),
      /architecture: encoder\.norm/,
    ],
    [
      'another shape',
      changed((w) => w.set('mlp.0.bias', scalar(1, 2))),
      /mlp\.0\.bias has shape \[2\], expected \[32\]/,
    ],
    [
      'a value that is not finite',
      changed((w) => w.set('mlp.3.bias', scalar(Number.NaN))),
      /mlp\.3\.bias holds a value that is not finite/,
    ],
    ['a second model', new Map([...prefixed('model.'), ['model_xrd.w', scalar(1)]]), /no part.*model_xrd\.w/],
    ['no weights at all', new Map([['target_mean', scalar(1)]]), /missing input_embeddings\.weight/],
  ]
  for (const [name, weights, message] of cases) {
    it(name, () => {
      expect(() => read(weights)).toThrow(WeightsError)
      expect(() => read(weights)).toThrow(message)
    })
  }

  it('targets of another number', () => {
    expect(() => read(golden, { property: ['a', 'b'] })).toThrow(ConfigError)
    expect(() => read(golden, { property: ['a', 'b'] })).toThrow(/2 target names for a network of 1 outputs/)
    expect(() => read(new Map([...golden, ['target_mean', scalar(1, 2)]]))).toThrow(/2 target means/)
  })

  it('no hyper-parameters, one set of weights', () => {
    expect(() => readPublished(writeSafetensors(golden), NAME)).toThrow(/no hyper-parameters.*--config/)
    expect(() => read(golden, { weights: 'swa' })).toThrow(/one set of weights only/)
  })

  it('a target of nobody', () => {
    const { targets, warnings } = read(golden, { property: ['hardness'] })
    expect(targets[0].unit).toBe('1')
    expect(warnings.join()).toMatch(/unit of "hardness" is not known/)
    expect(read(golden, { property: ['hardness'], unit: 'GPa' }).targets[0].unit).toBe('GPa')
  })

  it('a configuration other than the one in the file', () => {
    const file = fixture('checkpoints/crystalformer_tiny.ckpt')
    const chosen = new Map([...hyper, ['lattice_range', 3]])
    const { config, warnings } = readPublished(readFileSync(file), file, { hyper: chosen })
    expect(config.lattice_range).toBe(3)
    expect(warnings).toContainEqual(expect.stringMatching(/differs from .*lattice_range 3 instead of 2/))
  })
})
