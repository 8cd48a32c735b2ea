// The table of batch tensors: what is packed has the names, types and sizes of its rows, for every kind of geometry.

import { describe, expect, it } from 'vitest'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { BATCH_TENSORS, type BatchTensor, CELL_TENSORS, type TensorRow } from '../../src/periodic/tensors.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import { randomCrystal } from './crystals.ts'

const ELEMENTS = Array.from({ length: 98 }, (_, row) => row + 1)
const crystals = [randomCrystal(1, 3), randomCrystal(2, 5)]
const sphere = { kind: 'sphere', radius: 5 } as const

const SITES = ['species', 'occupancy', 'pool']
const IMAGES = ['pair', 'pair_start', 'pair_end', 'translation', 'image_mask']
const WAVES = ['partner', 'partner_mask', 'wave_cosine', 'wave_norm2', 'log_volume']

const cases: [string, GeometrySpec, string[], Record<string, TensorRow>][] = [
  ['species alone', {}, SITES, BATCH_TENSORS],
  ['waves', { reciprocal: { range: 1 } }, [...SITES, ...WAVES], BATCH_TENSORS],
  ['images', { images: sphere }, [...SITES, ...IMAGES], BATCH_TENSORS],
  [
    'an adaptive box, waves and a frame',
    {
      images: { kind: 'adaptive-box', minimum: 1, max_cutoff: 4 },
      reciprocal: { range: 1 },
      frame: 'lattice',
    },
    [...SITES, ...IMAGES, 'image_reach', ...WAVES, 'frame'],
    BATCH_TENSORS,
  ],
  [
    'near images',
    { images: sphere, near: { decay: 0.1 }, symmetry: 'proper' },
    [...SITES, ...IMAGES, 'near'],
    BATCH_TENSORS,
  ],
  [
    'cells',
    { images: sphere, in_graph: true },
    ['species', 'frac', 'lattice', 'atom_mask', 'translations'],
    CELL_TENSORS,
  ],
]

it.each(cases)('%s', (_, spec, names, rows) => {
  const batch = packBatch(crystals.map((crystal) => prepareCrystal(crystal, spec, ELEMENTS)))
  const tensors: Record<string, BatchTensor> = { ...batch.tensors }
  expect(Object.keys(tensors).sort()).toEqual([...names].sort())
  const sizes = new Map<string | number, number>()
  for (const [name, { data, dims }] of Object.entries(tensors)) {
    const row = rows[name]
    expect(data instanceof Int32Array ? 'int32' : 'float32', name).toBe(row.dtype)
    expect(dims.length, name).toBe(row.dims.length)
    dims.forEach((size, axis) => {
      const symbol = row.dims[axis]
      const known = typeof symbol === 'number' ? symbol : (sizes.get(symbol) ?? size)
      sizes.set(symbol, known)
      expect(size, `${name}, size ${symbol}`).toBe(known)
    })
    expect(data.length, name).toBe(dims.reduce((product, size) => product * size, 1))
  }
})

describe('one atom of each orbit', () => {
  const spec = { images: sphere, symmetry: 'all' } as const
  const cubic = {
    ...randomCrystal(3, 2),
    lattice: [
      [4, 0, 0],
      [0, 4, 0],
      [0, 0, 4],
    ] as const,
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ] as const,
    species: [[{ element: 26, occupancy: 1 }], [{ element: 26, occupancy: 1 }]],
  }

  it('is what a caller asks for; otherwise all atoms are there', () => {
    const all = prepareCrystal(cubic, spec, ELEMENTS)
    const one = prepareCrystal(cubic, spec, ELEMENTS, { oneOfEachOrbit: true })
    expect([all.atoms, [...all.shares]]).toEqual([2, [0.5, 0.5]])
    expect([one.atoms, [...one.shares]]).toEqual([1, [1]])
    expect(one.images.offsets[1]).toBe(all.images.offsets[1])
  })

  it('is all of them where the geometry names no isometries', () => {
    const whole = { images: sphere, reciprocal: { range: 1 } } as const
    expect(prepareCrystal(cubic, whole, ELEMENTS, { oneOfEachOrbit: true }).atoms).toBe(2)
  })
})

it('combinations that cannot be are no geometry', () => {
  const specs: GeometrySpec[] = [
    // @ts-expect-error the graph makes its images itself
    { images: sphere, in_graph: true, near: { decay: 1 } },
    // @ts-expect-error and knows a sphere of them only
    { images: { kind: 'box', range: 1 }, in_graph: true },
    // @ts-expect-error and no waves
    { images: sphere, in_graph: true, reciprocal: { range: 1 } },
    // @ts-expect-error of what are they near?
    { near: { decay: 1 } },
    // @ts-expect-error orbits are found by images
    { symmetry: 'all', reciprocal: { range: 1 } },
    // @ts-expect-error waves join all atoms of a cell
    { images: sphere, symmetry: 'all', reciprocal: { range: 1 } },
    // @ts-expect-error isometries move the axes of a cell
    { images: sphere, symmetry: 'all', frame: 'lattice' },
  ]
  expect(specs).toHaveLength(7)
})
