// The built-in data set as a whole.

import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../../src/data/dataset.ts'
import { latticeEnergy } from '../../../src/data/ionic/energy.ts'
import { generateIonicDataset } from '../../../src/data/ionic/generate.ts'
import { formatLabelledCrystal, parseLabelledCrystal } from '../../../src/data/labelled.ts'
import { datasetStatistics } from '../../../src/data/statistics.ts'
import { neighbourTable } from '../../../src/periodic/neighbours.ts'

/** The repulsion stops where a pair has decayed to exp(−16) = 1e-7 of its contact. */
const REPULSION_CUT = 1e-7
const formulaOf = (id: string) => id.split('-')[3]
const set = [...generateIonicDataset({ count: 600, seed: 1 })]

describe('generateIonicDataset', () => {
  it('gives the same crystals for a seed, in whatever number, and others for another', () => {
    expect([...generateIonicDataset({ count: 20, seed: 1 })]).toEqual(set.slice(0, 20))
    const ids = (seed: number) =>
      [...generateIonicDataset({ count: 20, seed })].map((c) => c.id.replace(/^ionic-\d+/, ''))
    expect(ids(2)).not.toEqual(ids(1))
  })

  it('makes the crystals of golden/, with the labels that another program gives them', async () => {
    const golden = await loadDataset(fileURLToPath(new URL('golden/crystals.jsonl', import.meta.url)))
    expect(golden).toHaveLength(8)
    for (const [i, { targets, ...crystal }] of golden.entries()) {
      const { targets: own, ...generated } = set[i]
      expect(generated).toEqual(crystal)
      expect(Math.abs(own.lattice_energy / targets.lattice_energy - 1)).toBeLessThan(REPULSION_CUT)
    }
  })

  it('labels survive the file: computed from the rounded coordinates', () => {
    for (const crystal of set.slice(0, 20)) {
      const read = parseLabelledCrystal(formatLabelledCrystal(crystal))
      expect(read).toEqual(crystal)
      expect(latticeEnergy(read.structure)).toBe(read.targets.lattice_energy)
    }
  })

  it('holds bound crystals of all types in cells of 2 to 20 atoms, none with ions on top of each other', async () => {
    const { count, sites, elements, targets } = await datasetStatistics(set)
    expect(count).toBe(600)
    expect(sites.min).toBe(2)
    expect(sites.max).toBeLessThanOrEqual(20)
    expect(elements.length).toBe(45)
    expect(targets).toHaveLength(1)
    expect(targets[0].max).toBeLessThan(-1)
    expect(targets[0].min).toBeGreaterThan(-60)
    expect(targets[0].std).toBeGreaterThan(5)
    expect(new Set(set.map((c) => c.id)).size).toBe(600)
    for (const { id, structure } of set) {
      const { displacement } = neighbourTable(structure, { kind: 'sphere', radius: 1.2 })
      // Only every ion itself, at distance 0.
      expect(displacement.length / 3, id).toBe(structure.frac.length)
    }
  })

  it('splits 80/10/10 by compound, with every element in train', async () => {
    const { splits } = await datasetStatistics(set)
    expect(splits.none).toBe(0)
    // The shares are exact in compounds, not in crystals: types with few compounds repeat them.
    for (const share of [splits.val / 600, splits.test / 600]) {
      expect(share).toBeGreaterThan(0.06)
      expect(share).toBeLessThan(0.14)
    }
    const splitsOf = new Map<string, Set<string>>()
    for (const { id, split } of set) {
      splitsOf.set(formulaOf(id), (splitsOf.get(formulaOf(id)) ?? new Set()).add(split as string))
    }
    for (const splits of splitsOf.values()) expect(splits.size).toBe(1)
    const elements = (split: string) =>
      new Set(
        set.filter((c) => c.split === split).flatMap((c) => c.structure.species.map(([o]) => o.element)),
      )
    const train = elements('train')
    for (const z of [...elements('val'), ...elements('test')]) expect(train.has(z)).toBe(true)
  })

  it('keeps to maxAtoms, and refuses one that nothing fits', () => {
    for (const { structure } of generateIonicDataset({ count: 50, maxAtoms: 4 })) {
      expect(structure.frac.length).toBeLessThanOrEqual(4)
    }
    expect(() => [...generateIonicDataset({ count: 1, maxAtoms: 1 })]).toThrow(
      'expected maxAtoms of 2 or more',
    )
  })

  it('reports its progress', () => {
    const reports: number[] = []
    for (const _ of generateIonicDataset({
      count: 3,
      onProgress: (p) => reports.push(p.crystals / p.count),
    }));
    expect(reports).toEqual([1 / 3, 2 / 3, 1])
  })
})
