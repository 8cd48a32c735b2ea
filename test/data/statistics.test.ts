import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { labelledCrystal } from '../../src/data/labelled.ts'
import { datasetStatistics } from '../../src/data/statistics.ts'

const crystal = (id: string, elements: number[], targets: Record<string, number>, split?: 'train' | 'test') =>
  labelledCrystal({
    id,
    structure: structure({
      lattice: [
        [5, 0, 0],
        [0, 5, 0],
        [0, 0, 5],
      ],
      frac: elements.map((_, i) => [i / elements.length, 0, 0]),
      species: elements,
    }),
    split,
    targets: Object.entries(targets),
  })

describe('datasetStatistics', () => {
  it('counts crystals, sites, elements and targets', async () => {
    const statistics = await datasetStatistics([
      crystal('a', [11, 17], { y: 1 }, 'train'),
      crystal('b', [26], { y: 3, z: 7 }, 'train'),
      crystal('c', [11, 11, 8], { y: 8 }, 'test'),
      crystal('d', [8, 8, 8, 8, 8], {}),
    ])
    expect(statistics).toEqual({
      count: 4,
      splits: { train: 2, val: 0, test: 1, none: 1 },
      sites: { min: 1, median: 2.5, max: 5 },
      disordered: 0,
      elements: [
        { element: 8, crystals: 2 },
        { element: 11, crystals: 2 },
        { element: 17, crystals: 1 },
        { element: 26, crystals: 1 },
      ],
      targets: [
        // Deviations −3, −1, 4: squares 26, absolute values 8.
        { name: 'y', count: 3, min: 1, max: 8, mean: 4, std: Math.sqrt(26 / 3), mad: 8 / 3 },
        { name: 'z', count: 1, min: 7, max: 7, mean: 7, std: 0, mad: 0 },
      ],
    })
  })

  it('describes nothing as nothing', async () => {
    const statistics = await datasetStatistics([])
    expect(statistics.count).toBe(0)
    expect(statistics.sites.median).toBeNaN()
    expect(statistics.targets).toEqual([])
  })
})
