// Networks that a user defines: what becomes of a definition, and what is refused.

import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { verifyModel } from '../../exporters/crystal/verify.ts'
import { defineNetwork, type NetworkDefinition } from '../../models/define.ts'
import { linear } from '../../models/layers/linear.ts'
import { configure, inferConfig, networkOf } from '../../models/registry.ts'
import { load } from '../../runtimes/node/load.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'

/** Sums of a few hundred terms in float32, and coordinates of float32. */
const F32 = 1e-5
const WIDTH = 1.5
const CUTOFF = 5

/** w·(mean over atoms of Σ over images exp(−r²/width²)) + b: what any loop over lattice vectors can check. */
const crowding = defineNetwork({
  name: 'crowding',
  symmetry: 'all',
  defaults: { cutoff: CUTOFF, width: WIDTH, sizes: [1, 2] },
  radius: ({ cutoff }) => cutoff,
  parameters: ({ num_targets }) => ({ 'head.weight': [num_targets, 1], 'head.bias': [num_targets] }),
  lastLayer: 'head',
  forward(weights, { width }, batch) {
    const near = tf.mul(tf.exp(tf.mul(batch.squared, -1 / width ** 2)), batch.mask)
    const [atoms, images, slots] = batch.mask.shape
    const sums = tf.sum(tf.reshape(near, [atoms, images * slots]), 1, true)
    return linear(batch.mean(sums), weights['head.weight'], weights['head.bias'])
  },
})

const fluorite = structure({
  lattice: [
    [0, 2.73, 2.73],
    [2.73, 0, 2.73],
    [2.73, 2.73, 0],
  ],
  species: [20, 9, 9],
  frac: [
    [0, 0, 0],
    [0.25, 0.25, 0.25],
    [0.75, 0.75, 0.75],
  ],
})

/** The same by its definition: loops over lattice vectors, in float64. */
function byLoops({ lattice, frac }: Structure): number {
  let sum = 0
  for (const p of frac) {
    for (const q of frac) {
      for (let a = -6; a <= 6; a++) {
        for (let b = -6; b <= 6; b++) {
          for (let c = -6; c <= 6; c++) {
            const [x, y, z] = [a, b, c].map((n, axis) => q[axis] + n - p[axis])
            const squared = [0, 1, 2]
              .map((k) => (x * lattice[0][k] + y * lattice[1][k] + z * lattice[2][k]) ** 2)
              .reduce((s, value) => s + value)
            if (squared > 1e-6 && squared <= CUTOFF ** 2) sum += Math.exp(-squared / WIDTH ** 2)
          }
        }
      }
    }
  }
  return sum / frac.length
}

describe('a defined network', () => {
  const weights = new Map([
    ['head.weight', { shape: [1, 1], data: Float32Array.of(2) }],
    ['head.bias', { shape: [1], data: Float32Array.of(0.5) }],
  ])
  const targets = [{ name: 'crowding', unit: '1', mean: 3, std: 4 }]
  const expected = 4 * (2 * byLoops(fluorite) + 0.5) + 3

  it.each([false, true])('is exported and gives what its formula says (in graph: %s)', async (inGraph) => {
    const config = configure({ architecture: crowding.name })
    const { bytes } = await exportCrystalModel({ weights, config, targets, inGraph })
    const model = await load(bytes, { device: 'cpu' })
    const { value } = await model.predict(fluorite)
    await model.dispose()
    expect(Math.abs(value - expected)).toBeLessThan(F32 * expected)
    const { summaries, passedOver, pass } = await verifyModel(bytes, { devices: ['cpu'] })
    expect(summaries.map(({ device }) => device)).toEqual(['float64-graph', 'tfjs', 'cpu'])
    expect([pass, passedOver.map(({ device }) => device)]).toEqual([true, ['float64', 'fused']])
  })

  it('is told by its weights, and has what they do not tell from its configuration', () => {
    expect(inferConfig(weights, { width: 2 })).toMatchObject({
      architecture: 'crowding',
      width: 2,
      num_targets: 1,
    })
    expect(() => inferConfig(weights, { num_targets: 3 })).toThrow(/num_targets 3, the weights have 1/)
  })

  it('has weights by seed, zero where it does not say otherwise and nothing is multiplied', () => {
    const { initialise } = networkOf({ architecture: 'crowding' })
    const config = configure({ architecture: 'crowding', num_targets: 3 })
    const [one, again, other] = [5, 5, 6].map((seed) => initialise(config, seed).get('head.weight')!.data)
    expect(one).toEqual(again)
    expect(one).not.toEqual(other)
    expect(initialise(config, 5).get('head.bias')!.data).toEqual(new Float32Array(3))
  })

  it.each([
    [{ widht: 1 }, /widht is not known; expected some of architecture, cutoff, width, sizes, num_targets/],
    [{ width: '1' }, /width is "1", expected a finite number/],
    [{ width: Number.NaN }, /width is null, expected a finite number/],
    [{ sizes: [1, 'x'] }, /sizes is \[1,"x"\], expected a list of numbers/],
    [{ num_targets: 0 }, /num_targets is 0, expected 1 to 256/],
    [{ cutoff: -1 }, /radius -1 Å is not in/],
    [JSON.parse('{"__proto__": {"width": 2}}'), /__proto__ is not known/],
  ])('refuses the configuration %j', (given, message) => {
    expect(() => networkOf({ architecture: 'crowding' }).configure(given)).toThrow(message)
  })

  it('says what it does not have', () => {
    const network = networkOf({ architecture: 'crowding' })
    const config = network.configure({})
    expect(network.lacks(config, 'attention')).toMatch(/does not attend/)
    expect(network.lacks(config, 'embedding')).toMatch(/"model_dim"/)
    expect(() => network.geometry(config, 'published', {})).toThrow(/mode published/)
    expect(() => network.geometry(config, 'converged', { radius: 7 })).toThrow(/radius 7 Å/)
    expect(() => network.geometry(config, 'converged', { errorBound: 1e-4 })).toThrow(/leave it out/)
  })
})

describe('a definition that makes no network', () => {
  const define = (name: string, changes: Partial<NetworkDefinition>) => {
    defineNetwork({ ...(crowding as unknown as NetworkDefinition), ...changes, name })
    return networkOf({ architecture: name })
  }

  it.each(['Crowding', '', 'a b', '__proto__', '1st'])('refuses the name %j', (name) => {
    expect(() => define(name, {})).toThrow(/lower case letters/)
  })

  it('refuses a name that is taken', () => {
    expect(() => define('crowding', {})).toThrow(/"crowding" already/)
    expect(() => define('cgcnn', {})).toThrow(/"cgcnn" already/)
  })

  it.each<[string, Partial<NetworkDefinition>, RegExp]>([
    ['no-shape', { parameters: () => ({ 'head.weight': [1, 0], 'head.bias': [1] }) }, /shape \[1,0\]/],
    [
      'no-layer',
      { lastLayer: 'tail' },
      /tail\.weight \[missing\] and tail\.bias \[missing\]; expected \[1, n\]/,
    ],
    [
      'too-large',
      { parameters: () => ({ 'head.weight': [1, 2e9], 'head.bias': [1] }) },
      /at most 1000000000/,
    ],
    ['no-radius', { radius: () => Number.NaN }, /radius NaN Å/],
  ])('refuses %s and leaves the others usable', (name, changes, message) => {
    expect(() => define(name, changes)).toThrow(message)
    expect(networkOf({ architecture: 'crowding' }).name).toBe('crowding')
  })
})
