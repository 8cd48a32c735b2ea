import { describe, expect, it } from 'vitest'
import {
  blockDomains,
  largestSigma,
  modelConfig,
  radialRange,
  scaleReal,
} from '../../models/attention/config.ts'
import { ConfigError } from '../../src/errors.ts'

describe('modelConfig', () => {
  it('fills in the published defaults', () => {
    const config = modelConfig()
    expect(config).toMatchObject({ num_layers: 4, model_dim: 128, head_num: 8, ff_dim: 512, domain: 'real' })
    expect(largestSigma(config)).toBeCloseTo(1.98, 2)
    expect(radialRange(config, 0)).toBeCloseTo(14, 12)
  })

  it('has the published defaults of the frames', () => {
    expect(modelConfig({ architecture: 'crystalframer' })).toMatchObject({
      frame_method: 'max',
      value_pe_angle_real: 64,
      value_pe_angle_wscale: 4,
      value_pe_dist_coef: 1,
      value_pe_angle_coef: 1,
      cos_abs: 0,
      symm_break_noise: 1e-5,
    })
    expect(modelConfig()).not.toHaveProperty('frame_method')
  })

  it('cycles lists over the blocks', () => {
    const config = modelConfig({ scale_real: [1.4, 2], domain: 'real-reci', value_pe_dist_max: 9 })
    expect([0, 1, 2, 3].map((l) => scaleReal(config, l))).toEqual([1.4, 2, 1.4, 2])
    expect(blockDomains(config)).toEqual(['real', 'reci', 'real', 'reci'])
    expect(radialRange(config, 1)).toBe(9)
  })

  it.each([
    [{ model_dim: 100 }, /model_dim 100 is not a multiple of head_num 8/],
    [{ head_num: 1, domain: 'multihead' }, /even head_num/],
    [{ domain: 'fourier' }, /domain "fourier" is not one of real, reci, RECI, multihead/],
    [{ num_layer: 3 }, /num_layer/],
    [{ num_layers: 2.5 }, /num_layers/],
    [{ gauss_lb_real: 0 }, /gauss_lb_real/],
    [{ t_fixup_init: false }, /t_fixup_init/],
    [{ frame_method: 'max' }, /frame_method/],
    [{ architecture: 'crystalframer', frame_method: 'no' }, /frame_method/],
    [{ architecture: 'crystalframer', domain: 'multihead' }, /real space/],
    [{ architecture: 'crystalframer', value_pe_dist_real: 0 }, /value_pe_dist_real/],
    [{ architecture: 'framer' }, /architecture/],
    [JSON.parse('{"__proto__": {"num_layers": 9}, "constructor": 1}'), /constructor|__proto__/],
    ['text', /model configuration/],
  ])('refuses %o', (input, message) => {
    expect(() => modelConfig(input)).toThrow(ConfigError)
    expect(() => modelConfig(input)).toThrow(message)
  })
})
