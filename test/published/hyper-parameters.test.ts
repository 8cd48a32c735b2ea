// Hyper-parameters of both published repositories to our configuration, and back.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { ConfigError } from '../../src/errors.ts'
import {
  configOf,
  differences,
  hyperParametersOf,
  targetNames,
} from '../../src/published/hyper-parameters.ts'
import { openSource } from '../../src/published/source.ts'
import { parseHyperParameters } from '../../src/published/text.ts'
import { fixture } from '../cli/run.ts'

const hyperOf = (name: string) => {
  const file = fixture(`checkpoints/${name}`)
  return openSource(readFileSync(file), file).hyper!
}
const crystalformer = hyperOf('crystalformer_tiny.ckpt')
const crystalframer = hyperOf('crystalframer_tiny.ckpt')
const withKeys = (from: ReadonlyMap<string, unknown>, changes: Record<string, unknown>) =>
  new Map([...from, ...Object.entries(changes)])

const TINY = {
  ...{ model_dim: 32, head_num: 4, ff_dim: 64, num_layers: 2, embedding_dim: [32] },
  value_pe_dist_real: 32,
}

describe('published keys', () => {
  it('of Crystalformer are all known', () => {
    const { config, unknown, missing } = configOf(crystalformer, 1)
    expect(config).toEqual(modelConfig({ architecture: 'crystalformer', ...TINY }))
    expect([unknown, missing]).toEqual([[], []])
  })

  it('of CrystalFramer are all known', () => {
    const { config, unknown, missing } = configOf(crystalframer, 1)
    expect(config).toEqual(
      modelConfig({ architecture: 'crystalframer', ...TINY, frame_method: 'max', value_pe_angle_real: 32 }),
    )
    expect([unknown, missing]).toEqual([[], []])
  })

  it('that change the network reach it', () => {
    const changed = {
      ...{ positive_func: 'elu=0.2', value_pe_width_scale: 2, lattice_range: 3, adaptive_cutoff_sigma: 0 },
      ...{
        scale_real: 1.6,
        value_pe_dist_max: 12,
        domain: 'real-reci',
        gauss_lb_reci: 0.4,
        param_file: 'x.json',
      },
    }
    const { config, unknown } = configOf(withKeys(crystalformer, changed), 3)
    expect(unknown).toEqual([])
    expect(config).toMatchObject({
      ...{ positive_func_beta: 0.2, value_pe_width_scale: 2, lattice_range: 3, adaptive_cutoff_sigma: 0 },
      ...{
        scale_real: [1.6],
        value_pe_dist_max: 12,
        domain: 'real-reci',
        gauss_lb_reci: 0.4,
        num_targets: 3,
      },
    })
    const framed = { value_pe_angle_coef: 6, value_pe_dist_coef: 1.5, value_pe_dist_wscale: 1.25, cos_abs: 1 }
    expect(configOf(withKeys(crystalframer, framed), 1).config).toMatchObject({
      ...{ value_pe_angle_coef: 6, value_pe_dist_coef: 1.5, value_pe_width_scale: 1.25, cos_abs: 1 },
    })
  })

  it("of CrystalFramer's repository without angles are a Crystalformer", () => {
    for (const changes of [{ value_pe_angle_real: 0 }, { frame_method: 'no' }]) {
      expect(configOf(withKeys(crystalframer, changes), 1).config.architecture).toBe('crystalformer')
    }
  })

  it('max_static is that of the released code', () => {
    const { config } = configOf(withKeys(crystalframer, { frame_method: 'max_static' }), 1)
    expect(config).toMatchObject({ frame_method: 'max_static', static_axis: 'farthest' })
  })

  it('that nobody knows, and those that are missing, are named', () => {
    const hyper = withKeys(crystalformer, { magnetic_moments: true, scale_crystal: 1.4 })
    hyper.delete('lattice_range')
    hyper.delete('positive_func')
    const { unknown, missing } = configOf(hyper, 1)
    expect(unknown).toEqual(['magnetic_moments', 'scale_crystal'])
    expect(missing).toEqual(['lattice_range', 'positive_func_beta'])
  })

  const refused: [Record<string, unknown>, RegExp][] = [
    [{ k_dim: 64, pooling: 'max' }, /k_dim is 64, expected 0; pooling is "max", expected "avr"/],
    [{ norm_type: 'bn' }, /norm_type is "bn", expected "no" or "id"/],
    [{ positive_func: 'abs' }, /positive_func is "abs", expected "elu="/],
    [{ positive_func_beta: 0.2 }, /positive_func_beta is 0\.2 and positive_func is 0\.1/],
    [{ t_fixup_init: false }, /t_fixup_init/],
    [{ value_pe_dist_coef: 1.5 }, /value_pe_dist_coef is 1\.5, expected 1/],
    [{ minimum_range: false }, /minimum_range is false/],
    [{ num_layers: 1e9 }, /num_layers/],
    [{ frame_method: 'max_wo_orthogonal', value_pe_angle_real: 16 }, /frame_method/],
    [{ pooling: new Map() }, /pooling is an object/],
  ]
  for (const [changes, message] of refused) {
    it(`${Object.keys(changes)} of another network: refused`, () => {
      const read = () => configOf(withKeys(crystalformer, changes), 1)
      expect(read).toThrow(ConfigError)
      expect(read).toThrow(message)
    })
  }

  it('of the published demo.sh contradict the checkpoint', () => {
    expect(differences(new Map([['value_pe_angle_coef', 4]]), crystalframer)).toEqual([
      'value_pe_angle_coef 4 instead of 1',
    ])
  })
})

it('the way back gives the same network', () => {
  for (const hyper of [crystalformer, crystalframer]) {
    const { config } = configOf(hyper, 1)
    const written = JSON.stringify(hyperParametersOf(config, ['e_form']))
    const again = parseHyperParameters(written, 'written')
    expect(configOf(again, 1)).toMatchObject({ config, unknown: [], missing: [] })
    expect(targetNames(again)).toEqual(['e_form'])
  }
})

describe('text', () => {
  it('an hparams.yaml of Lightning', () => {
    const yaml =
      'adam_betas: !!python/tuple\n- 0.9\n- 0.98\ndomain: real\nembedding_dim:\n- 128\npretrained_model: null\n' +
      'scale_real:\n- 1.4\nt_fixup_init: true\ntargets: bandgap\nvalue_pe_dist_max: -10.0\n'
    const hyper = parseHyperParameters(yaml, 'hparams.yaml')
    expect(hyper.get('embedding_dim')).toEqual([128])
    expect(configOf(hyper, 1).config).toEqual(modelConfig())
    expect(targetNames(hyper)).toEqual(['bandgap'])
  })

  const bomb = `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}, *a${n}]\n`).join('')}`
  const cases: [string, string][] = [
    ['half a YAML', 'a: [1, 2'],
    ['a list', '- 1\n- 2\n'],
    ['nothing', ''],
    ['numbers as keys', '1: 2\n'],
    ['aliases that multiply', bomb],
    ['deep nesting', '['.repeat(5e3)],
    ['a long text', 'a: '.padEnd(2 ** 17, 'x')],
  ]
  for (const [name, yaml] of cases) {
    it(`${name}: refused`, () => {
      expect(() => parseHyperParameters(yaml, 'hparams.yaml')).toThrow(ConfigError)
      expect(() => parseHyperParameters(yaml, 'hparams.yaml')).toThrow(/^hparams\.yaml: /)
    })
  }
})
