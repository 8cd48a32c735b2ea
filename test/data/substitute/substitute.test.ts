// New crystals from known ones: how they differ from them, what they never are, and that a seed decides.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { volume } from '../../../src/crystal/cell.ts'
import { atomicNumber } from '../../../src/crystal/elements.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { generateIonicDataset } from '../../../src/data/ionic/generate.ts'
import { type LabelledCrystal, labelledCrystal } from '../../../src/data/labelled.ts'
import { exchangeOf } from '../../../src/data/substitute/exchange.ts'
import { readSystems } from '../../../src/data/substitute/excluded.ts'
import type { LeftOut, SubstituteOptions } from '../../../src/data/substitute/options.ts'
import { substituteElements } from '../../../src/data/substitute/substitute.ts'
import { random } from '../../../src/math/random/xoshiro.ts'
import { temporaryFolder } from '../../cli/run.ts'

const data = [...generateIonicDataset({ count: 300, seed: 1 })]
const make = (options: Partial<SubstituteOptions> = {}, of: readonly LabelledCrystal[] = data) => [
  ...substituteElements(of, { count: 120, seed: 1, ...options }),
]
const made = make()
const elementsOf = ({ species }: Structure) => [...new Set(species.map(([{ element }]) => element))].sort()
const Z = (symbol: string) => atomicNumber(symbol) as number

/** The smallest distance between two atoms by plain loops over the 27 cells around. */
function closest({ lattice, frac }: Structure): number {
  const steps = [-1, 0, 1]
  const distances = frac.flatMap((f, i) =>
    frac.flatMap((g, j) =>
      steps.flatMap((n1) =>
        steps.flatMap((n2) =>
          steps.flatMap((n3) => {
            if (i === j && n1 === 0 && n2 === 0 && n3 === 0) return []
            const d = [0, 1, 2].map(
              (m) => g[m] - Math.floor(g[m]) - f[m] + Math.floor(f[m]) + [n1, n2, n3][m],
            )
            return Math.hypot(...[0, 1, 2].map((x) => d.reduce((sum, dm, m) => sum + dm * lattice[m][x], 0)))
          }),
        ),
      ),
    ),
  )
  return Math.min(...distances)
}

describe('substituteElements', () => {
  it('gives the same crystals for a seed, in whatever number, and others for another', () => {
    expect(make({ count: 30 })).toEqual(made.slice(0, 30))
    expect(make({ count: 30, seed: 2 }).map((c) => c.structure)).not.toEqual(
      made.slice(0, 30).map((c) => c.structure),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(120)
  })

  it('makes train crystals without labels of train parents that are small enough', () => {
    const parents = new Map(data.map((crystal) => [crystal.id, crystal]))
    for (const { id, structure, split, targets } of make({ maxAtoms: 6 })) {
      const [, parent] = /^sub-1-\d{6}-(.+)$/.exec(id)!
      expect(parents.get(parent)!.split).toBe('train')
      expect(structure.frac.length).toBe(parents.get(parent)!.structure.frac.length)
      expect(structure.frac.length).toBeLessThanOrEqual(6)
      expect([split, { ...targets }]).toEqual(['train', {}])
    }
  })

  it('makes none in the chemical system of a test crystal, or of one that is excluded', () => {
    const key = (structure: Structure) => elementsOf(structure).join()
    const test = new Set(data.filter(({ split }) => split === 'test').map((c) => key(c.structure)))
    const reasons: LeftOut[] = []
    const often = make({ kept: 0.9, exchangedNear: 0.1, onLeftOut: (reason) => reasons.push(reason) })
    for (const { structure } of [...made, ...often]) expect(test.has(key(structure))).toBe(false)
    expect(reasons.filter((reason) => reason === 'excluded-system').length).toBeGreaterThan(0)

    const parents = data.filter(({ split }) => split !== 'test').slice(0, 40)
    const only = make({ count: 20, kept: 0.5, exchangedNear: 0.5, excludedSystems: ['Na-Cl'] }, [
      ...parents,
      rockSalt('n', 'Na', 'Cl', 5.64, 'train'),
    ])
    expect(only.some(({ structure }) => key(structure) === '11,17')).toBe(false)
  })

  it('leaves no two atoms nearer than 1.2 Å, by plain loops', () => {
    for (const { id, structure } of made) expect(closest(structure), id).toBeGreaterThan(1.2)
    const reasons: LeftOut[] = []
    const far = make({ count: 20, minDistance: 2.2, onLeftOut: (reason) => reasons.push(reason) })
    for (const { structure } of far) expect(closest(structure)).toBeGreaterThan(2.2)
    expect(reasons).toContain('too-close')
  })

  it('scales the volume by what the elements take, which it learns from the data', () => {
    // Every Na and Cl takes 20 Å³, every K and Br 40; of each compound so many that the penalty counts for little.
    const cells = [
      ['Na', 'Cl', 20],
      ['K', 'Cl', 30],
      ['Na', 'Br', 30],
      ['K', 'Br', 40],
    ] as const
    const set = Array.from({ length: 400 }, (_, n) => {
      const [a, b, each] = cells[n % 4]
      return rockSalt(`c-${n}`, a, b, (8 * each) ** (1 / 3), 'train')
    })
    const each = { Na: 20, Cl: 20, K: 40, Br: 40 }
    const size = new Map(Object.entries(each).map(([symbol, v]) => [Z(symbol), v]))
    for (const { structure } of make(
      { count: 30, kept: 0, exchangedNear: 1, isotropic: 0, anisotropic: 0.001, rattled: 1 },
      set,
    )) {
      const expected = structure.species.reduce((sum, [{ element }]) => sum + size.get(element)!, 0)
      expect(volume(structure.lattice) / expected).toBeCloseTo(1, 1)
    }
  })

  it('strains and rattles as it is told', () => {
    const parent = rockSalt('p', 'Na', 'Cl', 5.64, 'train')
    const one = { count: 300, kept: 1, exchangedNear: 0 }
    const strained = make(one, [parent]).map(({ structure }) => structure)
    // Both strains change the volume: √(0.025² + 0.02²/3). That what is alike is left out widens it a little.
    const lengths = strained.map(({ lattice }) => Math.cbrt(volume(lattice)) / 5.64 - 1)
    expect(Math.abs(deviation(lengths) - 0.0275)).toBeLessThan(0.005)
    const shears = strained.map(({ lattice }) => lattice[0][1] / 5.64)
    expect(Math.abs(deviation(shears) - 0.02)).toBeLessThan(0.003)
    const still = strained.filter(({ frac }) => frac[1][0] === 0).length
    expect(still / 300).toBeCloseTo(0.5, 1)
    const rattled = make({ ...one, count: 200, rattled: 1 }, [parent]).map(
      ({ structure: { lattice, frac } }) =>
        frac[1].reduce((sum, f, m) => sum + (f - [0, 0.5, 0.5][m]) * lattice[m][0], 0),
    )
    expect(Math.abs(deviation(rattled) - 0.03)).toBeLessThan(0.004)
  })

  it('makes no crystal twice, and says when there are no more', () => {
    const still = { kept: 1, exchangedNear: 0, isotropic: 0, anisotropic: 0, rattled: 0 }
    expect(() => make({ ...still, count: 1 })).toThrow('(1000 duplicate)')
    // NaCl may become KCl, LiCl, … once each.
    const set = ['Na', 'K', 'Li'].map((metal, n) => rockSalt(`m-${n}`, metal, 'Cl', 5.2 + n / 5, 'train'))
    const exchanged = { ...still, kept: 0.5, exchangedNear: 0.5 }
    expect(() => make({ ...exchanged, count: 20 }, set)).toThrow(/^crystal \d+: 1000 attempts .*duplicate/)
  })

  it('says what crystals of the data nothing is made of, and refuses what it cannot do', () => {
    const reasons: LeftOut[] = []
    make({ count: 1, maxAtoms: 4, onLeftOut: (reason) => reasons.push(reason) })
    const large = data.filter(({ split, structure }) => split === 'train' && structure.frac.length > 4).length
    expect(reasons.filter((reason) => reason === 'too-many-atoms')).toHaveLength(large)
    expect(() => make({ maxAtoms: 1 })).toThrow('at most 1 sites')
    expect(() => make({ kept: 0.8, exchangedNear: 0.4 })).toThrow('kept + exchangedNear is 1.2')
    expect(() => make({ excludedSystems: ['NaCl'] })).toThrow('"NaCl" is no chemical system')
    expect(() => make({ isotropic: 0.5 })).toThrow('isotropic is 0.5, expected 0 to 0.2')
  })
})

describe('exchangeOf', () => {
  it('keeps, takes near and takes far elements as often as it should', () => {
    const elements = ['Na', 'Li', 'K', 'Mg', 'Ca', 'Sc', 'Ti', 'Cr', 'Al', 'Cl', 'Ne'].map(Z)
    const exchange = exchangeOf(elements, {
      ...{ kept: 0.35, exchangedNear: 0.45 },
      ...{ near: { groups: 1, difference: 0.4 }, far: { groups: 4, difference: 0.9 } },
    })
    const rng = random(3)
    const counts = new Map<number, number>()
    for (let n = 0; n < 20_000; n++) {
      const z = exchange(Z('Na'), rng)
      counts.set(z, (counts.get(z) ?? 0) + 1)
    }
    const share = (symbol: string) => (counts.get(Z(symbol)) ?? 0) / 20_000
    expect(share('Na')).toBeCloseTo(0.35, 1)
    // By Pauling, Na 0.93: Li 0.98, K 0.82, Mg 1.31 and Ca 1.00 are near; with Sc 1.36 and Ti 1.54 they are far, too.
    // Cr is beyond four groups, Al of group 13; Ne has no value.
    for (const near of ['Li', 'K', 'Mg', 'Ca']) {
      expect(Math.abs(share(near) - (0.45 / 4 + 0.2 / 6))).toBeLessThan(0.012)
    }
    for (const far of ['Sc', 'Ti']) expect(Math.abs(share(far) - 0.2 / 6)).toBeLessThan(0.008)
    for (const never of ['Cr', 'Al', 'Cl', 'Ne']) expect(share(never)).toBe(0)
    expect(exchange(Z('Ne'), rng)).toBe(Z('Ne'))
  })
})

describe('readSystems', () => {
  const folder = temporaryFolder()

  it('takes a list, or the systems of a data set', async () => {
    const list = join(folder, 'list.txt')
    writeFileSync(list, 'Na-Cl\n\nTi-O-Sr\n')
    expect([...(await readSystems(list))]).toEqual(['Cl-Na', 'O-Sr-Ti'])
    const set = join(folder, 'set.jsonl')
    const line = {
      id: 'a',
      lattice: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
    }
    writeFileSync(set, JSON.stringify({ ...line, numbers: [55, 17] }))
    expect([...(await readSystems(set))]).toEqual(['Cl-Cs'])
  })

  it('names the line of a list that is no system', async () => {
    const list = join(folder, 'bad.txt')
    writeFileSync(list, 'Na-Cl\nNa-Xx\n')
    await expect(readSystems(list)).rejects.toThrow(/bad.txt, line 2: "Na-Xx" is no chemical system/)
  })
})

function rockSalt(id: string, a: string, b: string, edge: number, split: 'train'): LabelledCrystal {
  const crystal = structure({
    lattice: [
      [edge, 0, 0],
      [0, edge, 0],
      [0, 0, edge],
    ],
    frac: [
      [0, 0, 0],
      [0, 0.5, 0.5],
      [0.5, 0, 0.5],
      [0.5, 0.5, 0],
      [0.5, 0, 0],
      [0, 0.5, 0],
      [0, 0, 0.5],
      [0.5, 0.5, 0.5],
    ],
    species: [...Array(4).fill(Z(a)), ...Array(4).fill(Z(b))],
  })
  return labelledCrystal({ id, structure: crystal, split, targets: [] })
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
}
