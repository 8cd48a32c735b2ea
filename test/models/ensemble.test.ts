// Several networks as one: its configuration, the images that all members share, its weights.

import { describe, expect, it } from 'vitest'
import { joinMembers } from '../../models/join-members.ts'
import { configure, inferConfig, networkNames, networkOf } from '../../models/registry.ts'
import { ConfigError, WeightsError } from '../../src/errors.ts'

const SMALL = { num_layers: 1, model_dim: 8, head_num: 2, ff_dim: 8, embedding_dim: [6] }
const former = { architecture: 'crystalformer', ...SMALL }
const framer = { architecture: 'crystalframer', ...SMALL }
const cgcnn = { architecture: 'cgcnn', num_layers: 1, model_dim: 4, embedding_dim: [6], radius: 12 }
const joined = (...members: object[]) => configure({ architecture: 'ensemble', members })

describe('ensemble', () => {
  it('has a configuration with those of its members in it, which is read again as it is', () => {
    const config = joined(former, { ...cgcnn, radius: 5 })
    expect(config).toMatchObject({
      num_targets: 1,
      model_dim: 12,
      members: [former, cgcnn].map(({ architecture }) => ({ architecture })),
    })
    expect(configure(JSON.parse(JSON.stringify(config)))).toEqual(config)
  })

  it.each([
    ['one member', [former], /members: /],
    ['an ensemble as a member', [former, joined(former, former)], /member 1 of an ensemble is an ensemble/],
    ['other targets', [former, { ...former, num_targets: 2 }], /member 1 predicts 2 targets, member 0 1/],
    [
      'a network that is not known',
      [former, { architecture: 'megnet' }],
      /architecture "megnet" is not known/,
    ],
    ['a hyper-parameter that a member does not have', [former, { ...cgcnn, head_num: 2 }], /head_num/],
  ])('refuses %s', (_, members, message) => {
    expect(() => joined(...members)).toThrow(ConfigError)
    expect(() => joined(...members)).toThrow(message)
  })

  it('is nothing that a training can be started with, and its name is taken', () => {
    expect(networkNames()).not.toContain('ensemble')
  })

  const geometryOf = (members: object[], options = {}) => {
    const config = joined(...members)
    return networkOf(config).geometry(config, 'converged', options)
  }

  it('takes the images of the member that sees farthest, and the isometries that all allow', () => {
    const alone = (member: object) =>
      networkOf(configure(member)).geometry(configure(member), 'converged', {})
    expect(geometryOf([former, former])).toEqual(alone(former))
    expect(geometryOf([former, framer])).toEqual(alone(framer))
    expect(geometryOf([former, cgcnn]).geometry.images).toEqual({ kind: 'sphere', radius: 12 })
    expect(geometryOf([former, cgcnn]).errorBound).toBe(1e-5)
    expect(geometryOf([former, { ...cgcnn, radius: 5 }], { errorBound: 1e-3 }).geometry).toEqual(
      networkOf(configure(former)).geometry(configure(former), 'converged', { errorBound: 1e-3 }).geometry,
    )
    expect(geometryOf([former, former], { radius: 7 }).geometry.images).toEqual({ kind: 'sphere', radius: 7 })
  })

  it('refuses members that need different frames of the cell', () => {
    const static_ = { ...framer, frame_method: 'lattice' }
    expect(() => geometryOf([static_, { ...framer, frame_method: 'pca' }])).toThrow(
      /different frames of the cell/,
    )
  })

  it('is recognised by its weights, with the configurations of its members', () => {
    const config = joined(former, cgcnn)
    const weights = networkOf(config).initialise(config, 3)
    expect(inferConfig(weights, config)).toEqual(config)
    expect(inferConfig(weights)).toMatchObject({
      architecture: 'ensemble',
      members: [former, { architecture: 'cgcnn' }],
    })
    const first = new Map([...weights].filter(([name]) => name.startsWith('members.0.')))
    expect(() => inferConfig(first)).toThrow(WeightsError)
  })

  it('is not made of networks that predict different things', () => {
    const config = configure(former)
    const weights = networkOf(config).initialise(config, 1)
    const member = (name: string, unit = 'eV') => ({
      config,
      weights,
      targets: [{ name, unit, mean: 0, std: 1 }],
    })
    expect(() => joinMembers([member('e_form'), member('gap')])).toThrow(
      /member 1 predicts gap in eV, member 0 e_form in eV/,
    )
    expect(() => joinMembers([member('e_form'), member('e_form', 'meV')])).toThrow(ConfigError)
    expect(() => joinMembers([member('e_form')])).toThrow(ConfigError)
  })
})
