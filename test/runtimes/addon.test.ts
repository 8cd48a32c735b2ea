// The addon of the fused engine: loaded where one is built for this machine, a reason in words anywhere else.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WRONG_PLAN } from '../../runtimes/fused/kernels.ts'
import { loadAddon, loadAddonInDouble } from '../../runtimes/node/addon.ts'
import { ADDONS, PROGRAMS } from '../../src/kernels/targets.ts'
import { built } from '../built.ts'

const here = `${process.platform}-${process.arch}`
const isBuilt = ADDONS.some(({ name }) => name === here)

describe.skipIf(!isBuilt)(`the addon (skipped: none is built for ${here})`, () => {
  const addon = () => {
    const loaded = loadAddon()
    if (typeof loaded === 'string') throw new Error(loaded)
    return loaded
  }

  it('runs on the instructions of this processor, and on those that all have', () => {
    const { kinds } = ADDONS.find(({ name }) => name === here)!
    const best = addon().variant()
    expect(Object.keys(kinds)).toContain(best)
    const common = Object.keys(kinds).at(-1)!
    expect(addon().use_variant(common)).toBe(true)
    expect(addon().variant()).toBe(common)
    expect(addon().use_variant('z80')).toBe(false)
    expect(addon().use_variant('s')).toBe(false)
    expect(addon().use_variant('a name that is longer than any')).toBe(false)
    expect(addon().variant()).toBe(common)
    expect(addon().use_variant(best)).toBe(true)
  })

  it('refuses what is no network, in any memory', () => {
    for (const words of [0, 1, 16, 4096]) {
      const memory = new Float32Array(words)
      expect(addon().packed_size(memory, 0, words, 0)).toBe(WRONG_PLAN)
      expect(addon().packed_size(memory, 2 ** 52, words, 0)).toBe(WRONG_PLAN)
      expect(addon().work_size(memory, 0, words, 0, 1)).toBe(WRONG_PLAN)
      expect(addon().forward(memory, 0, words, 0, 0, words, 1)).toBe(WRONG_PLAN)
      expect(addon().pack(memory, 0, words, 0, 0, 0, words)).toBe(WRONG_PLAN)
    }
  })

  it('throws for arguments that are none', () => {
    const { packed_size, use_variant } = addon() as unknown as Record<string, (...args: unknown[]) => unknown>
    const memory = new Float32Array(16)
    const wrong = [
      [],
      [memory],
      [memory, 0, 16],
      [memory, 0, 16, 0, 0],
      [new Float64Array(16), 0, 16, 0],
      [[], 0, 16, 0],
      [undefined, 0, 16, 0],
      [memory, -1, 16, 0],
      [memory, 0, Number.NaN, 0],
      [memory, 0, Number.POSITIVE_INFINITY, 0],
      [memory, 0, '16', 0],
      Array(20).fill(memory),
    ]
    for (const args of wrong) expect(() => packed_size(...args)).toThrow(TypeError)
    for (const args of [[], [1], [memory]]) expect(() => use_variant(...args)).toThrow(TypeError)
  })

  it('in float64 works on numbers of 64 bits alone', () => {
    const double = loadAddonInDouble()
    if (typeof double === 'string') throw new Error(double)
    expect(double.packed_size(new Float64Array(16), 0, 16, 0)).toBe(WRONG_PLAN)
    expect(() => double.packed_size(new Float32Array(16) as never, 0, 16, 0)).toThrow(
      'expected a Float64Array and whole numbers',
    )
  })
})

describe('no addon', () => {
  it('for a machine that none is built for', () => {
    expect(loadAddon('sunos', 'x64')).toBe('no addon is built for sunos-x64')
    expect(loadAddon('linux', 'riscv64')).toBe('no addon is built for linux-riscv64')
  })

  it.each(ADDONS.filter(({ name }) => name !== here))('of $name here', ({ name }) => {
    const [platform, arch] = name.split('-') as [NodeJS.Platform, NodeJS.Architecture]
    expect(loadAddon(platform, arch)).toMatch(new RegExp(`${name}\\.node cannot be loaded: .+`))
  })
})

it('the addons lie beside the built package', () => {
  const places = PROGRAMS.flatMap(({ addons }) => addons).flatMap(({ prefix }) =>
    ADDONS.map(({ name }) => join(dirname(built('runtimes')), `${prefix}${name}.node`)),
  )
  expect(places.filter((place) => !existsSync(place))).toEqual([])
})
