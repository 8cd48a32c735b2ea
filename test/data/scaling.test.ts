import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { inMemory } from '../../src/data/crystals.ts'
import { labelledCrystal } from '../../src/data/labelled.ts'
import { fitScaling, standardisedTargets, unscale } from '../../src/data/scaling.ts'
import { DatasetError } from '../../src/errors.ts'

const IRON = structure({
  lattice: [
    [3, 0, 0],
    [0, 3, 0],
    [0, 0, 3],
  ],
  frac: [[0, 0, 0]],
  species: [26],
})
const set = (rows: Record<string, number>[]) =>
  rows.map((row, i) => labelledCrystal({ id: `c${i}`, structure: IRON, targets: Object.entries(row) }))
const Y = { name: 'y', unit: 'eV' }
const Z = { name: 'z', unit: 'K' }

describe('target scaling', () => {
  it('has the mean and the population standard deviation', () => {
    // Mean 5, squared deviations 9 1 1 1 0 0 4 16 = 32, over 8 = 4.
    const train = set([2, 4, 4, 4, 5, 5, 7, 9].map((y) => ({ y })))
    expect(fitScaling(inMemory(train), [Y])).toEqual([{ ...Y, mean: 5, std: 2 }])
  })

  it('keeps its digits for a large mean with a small spread', () => {
    const [{ mean, std }] = fitScaling(inMemory(set([1e9, 1e9 + 2].map((y) => ({ y })))), [Y])
    expect(mean).toBe(1e9 + 1)
    expect(std).toBe(1)
  })

  it('standardises several targets and back', () => {
    const train = set([
      { y: 1, z: 30 },
      { y: 3, z: 10 },
    ])
    const scaling = fitScaling(inMemory(train), [Y, Z])
    const scaled = standardisedTargets(inMemory(train), scaling)
    expect([...scaled]).toEqual([-1, 1, 1, -1])
    expect([...unscale(scaled, scaling)]).toEqual([1, 30, 3, 10])
    expect([...standardisedTargets(inMemory(set([{ z: 40, y: 2 }])), scaling)]).toEqual([0, 2])
  })

  it('refuses a constant target, also one that is constant up to rounding', () => {
    expect(() => fitScaling(inMemory(set([{ y: 4 }, { y: 4 }])), [Y])).toThrow(
      'target "y" is 4 for all 2 train crystals',
    )
    expect(() => fitScaling(inMemory(set(Array(7).fill({ y: 0.1 }))), [Y])).toThrow(DatasetError)
    expect(() => fitScaling(inMemory(set([{ y: 0 }, { y: 0 }])), [Y])).toThrow(DatasetError)
    expect(() => fitScaling(inMemory([]), [Y])).toThrow('none of the 0 train crystals')
  })

  it('is of the crystals that carry the target, and leaves the places of others empty', () => {
    const train = set([{ y: 1, z: 30 }, { z: 10 }, { y: 3 }])
    const scaling = fitScaling(inMemory(train), [Y, Z])
    expect(scaling).toEqual([
      { ...Y, mean: 2, std: 1 },
      { ...Z, mean: 20, std: 10 },
    ])
    expect([...standardisedTargets(inMemory(train), scaling)]).toEqual([-1, 1, Number.NaN, -1, 1, Number.NaN])
    expect(() => fitScaling(inMemory(set([{ z: 4 }])), [Y])).toThrow(
      'none of the 1 train crystals has a target "y"',
    )
  })

  it('names the crystal that lacks all targets', () => {
    const scaling = [Y, Z].map((target) => ({ ...target, mean: 0, std: 1 }))
    expect(() => standardisedTargets(inMemory(set([{ y: 1 }, { x: 1 }])), scaling)).toThrow(
      'crystal "c1" has no target "y" or "z"; it has: x',
    )
    expect(() => standardisedTargets(inMemory(set([{}])), scaling)).toThrow('it has: none')
  })

  it('of a logarithm is that of the powers of ten, and gives values back', () => {
    const log = { ...Y, transform: 'log10' } as const
    const train = set([{ y: 1e-3 }, { y: 10 }])
    const scaling = fitScaling(inMemory(train), [log])
    expect(scaling).toEqual([{ ...log, mean: -1, std: 2 }])
    expect([...standardisedTargets(inMemory(train), scaling)]).toEqual([-1, 1])
    const [low, high, top] = unscale([-1, 1, 2], scaling)
    expect(low).toBeCloseTo(1e-3, 15)
    expect(high).toBeCloseTo(10, 12)
    expect(top).toBeCloseTo(1000, 9)
  })
})
