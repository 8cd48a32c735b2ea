// The seam between networks and everything else: what every row must keep, and rows of users beside those of the toolkit.

import { describe, expect, it } from 'vitest'
import { inputSpecs } from '../../exporters/crystal/inputs.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { network as crystalformer } from '../../models/crystalformer/network.ts'
import { EXTRA_OUTPUTS, type PresetName } from '../../models/network.ts'
import { NETWORKS } from '../../models/networks.ts'
import {
  checkTrained,
  checkWeights,
  configure,
  inferConfig,
  networkNames,
  networkOf,
  registerNetwork,
} from '../../models/registry.ts'
import { writeSafetensors } from '../../models/safetensors.ts'
import { ConfigError, WeightsError } from '../../src/errors.ts'
import { preset } from '../../src/training/options.ts'

describe.each(NETWORKS.map(({ name }) => name))('%s', (architecture) => {
  const network = networkOf({ architecture })
  const config = configure({ architecture, ...network.presets.quick!.config, num_targets: 3 })
  const weights = network.initialise(config, 5)

  it('fills in its configuration, and reads it again as it is', () => {
    expect(config).toMatchObject({ architecture, num_targets: 3 })
    expect(configure(JSON.parse(JSON.stringify(config)))).toEqual(config)
    expect(() => configure({ architecture, num_target: 3 })).toThrow(/num_target/)
  })

  it('starts with the parameters that it says it has, the same for the same seed', () => {
    expect(() => checkWeights(weights, config)).not.toThrow()
    expect([...weights.keys()]).toEqual([...network.parameterShapes(config).keys()])
    const bytes = (seed: number) => Buffer.from(writeSafetensors(network.initialise(config, seed)))
    expect(bytes(5).equals(bytes(5))).toBe(true)
    expect(bytes(5).equals(bytes(6))).toBe(false)
  })

  it('is recognised by its weights, with their sizes', () => {
    const claiming = networkNames().filter((name) =>
      networkOf({ architecture: name }).claims(new Set(weights.keys())),
    )
    expect(claiming).toEqual([architecture])
    expect(inferConfig(weights, config)).toEqual(config)
    expect(inferConfig(weights)).toMatchObject({ architecture, num_targets: 3 })
    expect(() => inferConfig(weights, { num_targets: 2 })).toThrow(ConfigError)
    const other = networkNames().find((name) => name !== architecture)
    expect(() => inferConfig(weights, { architecture: other })).toThrow(
      `configuration says architecture ${other}, the weights have ${architecture}`,
    )
  })

  it('ends in a linear layer with a row for every target', () => {
    const shapes = network.parameterShapes(config)
    const [last] = [network.lastLayer(config)].flat()
    expect(shapes.get(`${last}.weight`)).toEqual([3, expect.any(Number)])
    expect(shapes.get(`${last}.bias`)).toEqual([3])
  })

  it('reads tensors that a batch has, and says why it lacks an output', () => {
    for (const mode of network.modes) {
      const { geometry } = network.geometry(config, mode, {})
      const specs = Object.keys(inputSpecs(config, mode, geometry))
      expect(specs.sort()).toEqual([...network.inputNames(config, mode)].sort())
    }
    for (const output of EXTRA_OUTPUTS) expect(network.lacks(config, output) ?? 'a reason').not.toBe('')
  })

  it('has presets that can be trained', () => {
    const names = Object.keys(network.presets) as PresetName[]
    expect(names).toContain('quick')
    for (const name of names) expect(preset(name, architecture).config).toMatchObject({ architecture })
  })
})

describe('the registry', () => {
  it('takes the first network where none is named, and refuses a name that it does not know', () => {
    expect(configure()).toEqual(configure({ architecture: NETWORKS[0].name }))
    expect(() => configure({ architecture: 'perceptron' })).toThrow(ConfigError)
    expect(() => configure({ architecture: 'perceptron' })).toThrow(
      /architecture "perceptron" is not known; expected one of crystalformer, crystalframer/,
    )
  })

  it('refuses weights of no network', () => {
    const weights = new Map([['dense.kernel', { shape: [1], data: Float32Array.of(1) }]])
    expect(() => inferConfig(weights)).toThrow(WeightsError)
  })

  it('holds networks of users beside those of the toolkit, under names of their own', () => {
    expect(() => registerNetwork(crystalformer)).toThrow(/there is a network "crystalformer" already/)
    registerNetwork({ ...crystalformer, name: 'mine', claims: () => false, checkTrained: undefined })
    const config = modelConfig()
    const weights = crystalformer.initialise(config, 1)
    const mine = { ...config, architecture: 'mine' }
    expect(networkOf(mine).title).toBe('Crystalformer')
    expect(() => checkTrained(weights, mine)).not.toThrow()
    expect(() => checkTrained(weights, config)).toThrow(/never trained/)
  })
})
