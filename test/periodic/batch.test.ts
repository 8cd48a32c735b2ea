// Batches: unpacked again they are the tables they were made from, rounded to float32 once.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { ConfigError, ElementError } from '../../src/errors.ts'
import { batchFill, packBatch } from '../../src/periodic/batch.ts'
import { groupByAtoms } from '../../src/periodic/group.ts'
import { prepareCrystal, type TableCrystal } from '../../src/periodic/prepare.ts'
import type { BatchTensor, TableBatch } from '../../src/periodic/tensors.ts'
import type { GeometrySpec, NeighbourTable, TableGeometry } from '../../src/periodic/types.ts'
import { fixture } from '../cli/run.ts'
import { shared } from '../shared.ts'
import { randomCrystal, seeded, worstDifference } from './crystals.ts'

/** The first few of each mix, and all of them where they are on this machine. */
const MIXES: [string, string][] = [['a few', fixture('crystals.json')]]
const ALL = shared('bench/crystals.json')
if (ALL) MIXES.push(['all', ALL])

const ELEMENTS = Array.from({ length: 98 }, (_, row) => row + 1)
const sphere: TableGeometry = { images: { kind: 'sphere', radius: 7 } }
const adaptive: TableGeometry = { images: { kind: 'adaptive-box', minimum: 1, max_cutoff: 5 } }

/** Numbers an image has in `unpack`: neighbour, displacement, reach. */
const WIDTH = 5

/** The images of row `atom` in the order of the flattened axis [M, S], neighbours ascending as in a table; flat. */
function unpack(batch: TableBatch, atom: number): number[] {
  const { slots: S, imagesPerSlot: M, tensors } = batch
  const images: number[][] = []
  for (let at = atom * M * S; at < (atom + 1) * M * S; at++) {
    const j = tensors.pair.data[atom * S + (at % S)] - atom * batch.atoms
    const [x, y, z] = tensors.translation.data.subarray(3 * at, 3 * at + 3)
    const reach = tensors.image_reach?.data[at] ?? 0
    const mask = tensors.image_mask.data[at]
    if (mask === 1) images.push([j, x, y, z, reach])
    else if (mask !== 0 || x !== 0 || y !== 0 || z !== 0 || reach !== 0) {
      throw new Error(`padding of atom ${atom} at ${at} is not 0`)
    }
  }
  return images.sort((a, b) => a[0] - b[0]).flat()
}

/** The same from a table, rounded to float32. */
function rowOf(
  { offsets, neighbour, displacement, reach }: NeighbourTable,
  i: number,
  first: number,
): number[] {
  const row: number[] = []
  for (let at = offsets[i]; at < offsets[i + 1]; at++) {
    const [x, y, z] = displacement.subarray(3 * at, 3 * at + 3)
    row.push(
      first + neighbour[at],
      Math.fround(x),
      Math.fround(y),
      Math.fround(z),
      Math.fround(reach?.[at] ?? 0),
    )
  }
  return row
}

function expectUnpacked(batch: TableBatch, crystals: readonly TableCrystal[]): void {
  let first = 0
  for (const { images, atoms } of crystals) {
    for (let i = 0; i < atoms; i++) {
      const expected = rowOf(images, i, first)
      expect(expected.length).toBe(WIDTH * (images.offsets[i + 1] - images.offsets[i]))
      expect(worstDifference(unpack(batch, first + i), expected)).toBe(0)
    }
    first += atoms
  }
}

describe.each([
  ['sphere', sphere],
  ['adaptive box', adaptive],
])('batch of %s tables', (_, spec) => {
  // The smallest cells and the largest together: many images a neighbour next to one.
  const tiny = structure({
    lattice: [
      [1.9, 0, 0],
      [0, 2, 0],
      [0, 0.4, 2.2],
    ],
    frac: [[0.1, 0.2, 0.3]],
    species: [26],
  })
  const wide = structure({
    lattice: [
      [30, 0, 0],
      [0, 30, 0],
      [0, 0, 30],
    ],
    frac: [
      [0, 0, 0],
      [0.1, 0, 0],
    ],
    species: [1, 2],
  })
  const crystals = [randomCrystal(1, 3), tiny, randomCrystal(2, 12), wide, randomCrystal(3, 7, 2)].map(
    (crystal) => prepareCrystal(crystal, spec, ELEMENTS),
  )
  const batch = packBatch(crystals)
  const { atoms, slots, imagesPerSlot, tensors } = batch

  test('shapes', () => {
    expect([atoms, batch.crystals]).toEqual([25, 5])
    const dims = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dims]))
    expect(dims).toEqual({
      species: [25, 1],
      occupancy: [25, 1],
      pair: [25, slots],
      pair_start: [25, 25],
      pair_end: [25, 25],
      translation: [25, imagesPerSlot, slots, 3],
      image_mask: [25, imagesPerSlot, slots],
      ...(spec === adaptive && { image_reach: [25, imagesPerSlot, slots] }),
      pool: [5, 25],
    })
    for (const { data, dims } of Object.values(tensors)) {
      expect(data.length).toBe(dims.reduce((product, size) => product * size, 1))
    }
  })

  test('holds exactly the images of the tables, in scan order', () => {
    expectUnpacked(batch, crystals)
  })

  test('start and end of a pair enclose exactly its slots', () => {
    for (let i = 0; i < atoms; i++) {
      for (let j = 0; j < atoms; j++) {
        const [start, end] = [tensors.pair_start, tensors.pair_end].map(({ data }) => data[i * atoms + j])
        const own: number[] = []
        for (let s = 0; s < slots; s++) {
          const real = tensors.image_mask.data[i * imagesPerSlot * slots + s] === 1
          if (real && tensors.pair.data[i * slots + s] === i * atoms + j) own.push(i * (slots + 1) + s)
        }
        expect(end - start).toBe(own.length)
        if (own.length > 0) expect([start, end - 1]).toEqual([own[0], own.at(-1)])
      }
    }
  })

  test('empty slots belong to the pair of the atom with itself', () => {
    for (let i = 0; i < atoms; i++) {
      for (let s = 0; s < slots; s++) {
        let images = 0
        for (let m = 0; m < imagesPerSlot; m++)
          images += tensors.image_mask.data[(i * imagesPerSlot + m) * slots + s]
        if (images === 0) expect(tensors.pair.data[i * slots + s]).toBe(i * atoms + i)
      }
    }
  })

  test('pool averages over the atoms of each crystal', () => {
    let first = 0
    crystals.forEach((crystal, c) => {
      const row = [...tensors.pool.data.subarray(c * atoms, (c + 1) * atoms)]
      expect(row.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6)
      row.forEach((x, i) => {
        const inside = i >= first && i < first + crystal.atoms
        expect(x).toBe(inside ? Math.fround(1 / crystal.atoms) : 0)
      })
      first += crystal.atoms
    })
  })

  test('fill is images over places', () => {
    const images = crystals.reduce((sum, crystal) => sum + crystal.images.neighbour.length, 0)
    expect(batchFill(batch)).toBeCloseTo(images / (atoms * slots * imagesPerSlot), 12)
  })
})

describe('species', () => {
  const lattice = [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
  ]
  const alloy = structure({
    lattice,
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    species: [
      [
        { element: 26, occupancy: 0.25 },
        { element: 28, occupancy: 0.5 },
      ],
      [{ element: 8, occupancy: 1 }],
    ],
  })
  const pure = structure({ lattice, frac: [[0, 0, 0]], species: [28] })

  test('rows of the element table with occupancies, padded to the most species of a site', () => {
    const table = [8, 26, 28]
    const { tensors } = packBatch([pure, alloy].map((crystal) => prepareCrystal(crystal, sphere, table)))
    expect(tensors.species).toEqual({ data: Int32Array.from([2, 0, 1, 2, 0, 0]), dims: [3, 2] })
    expect(tensors.occupancy).toEqual({ data: Float32Array.from([1, 0, 0.25, 0.5, 1, 0]), dims: [3, 2] })
  })

  test('an element that the model does not know', () => {
    const lawrencium = structure({
      lattice,
      frac: [
        [0, 0, 0],
        [0.5, 0, 0],
      ],
      species: [26, 103],
    })
    expect(() => prepareCrystal(lawrencium, sphere, ELEMENTS)).toThrow(ElementError)
    expect(() => prepareCrystal(lawrencium, sphere, ELEMENTS)).toThrow(
      /^site 2: Lr \(atomic number 103\) is not among the 98 elements of the model, H to Cf/,
    )
  })
})

test('crystals prepared for different geometries do not mix', () => {
  const crystal = randomCrystal(4, 2)
  const specs: GeometrySpec[] = [
    sphere,
    { reciprocal: { range: 1 } },
    { images: { kind: 'sphere', radius: 7 }, in_graph: true },
    { ...sphere, near: { decay: 0.1 } },
    { images: sphere.images, frame: 'lattice' },
  ]
  const prepared = specs.map((spec) => prepareCrystal(crystal, spec, ELEMENTS))
  const mixed = (first: number, second: number) => () => packBatch([prepared[first], prepared[second]])
  expect(mixed(0, 1)).toThrow(ConfigError)
  expect(mixed(0, 1)).toThrow(/crystal 2 of the batch is prepared as sites, the first one as tables/)
  expect(mixed(2, 0)).toThrow(/crystal 2 of the batch is prepared as tables, the first one as cells/)
  expect(mixed(3, 0)).toThrow(/crystal 2 of the batch has no near/)
  expect(mixed(4, 0)).toThrow(/crystal 2 of the batch has no frame/)
})

test('a thousand atoms', () => {
  const random = seeded(9)
  const crystal = structure({
    lattice: [
      [26, 0, 0],
      [2, 26, 0],
      [-5, 3, 26],
    ],
    frac: Array.from({ length: 1000 }, () => [random(), random(), random()]),
    species: Array.from({ length: 1000 }, () => 14),
  })
  const prepared = prepareCrystal(crystal, { images: { kind: 'sphere', radius: 9.9 } }, ELEMENTS)
  const batch = packBatch([prepared])
  const images = prepared.images.neighbour.length
  // 4/3 π R³ of the sphere times the density, to the accuracy of a random crystal.
  expect(images / 1000 / ((4 / 3) * Math.PI * 9.9 ** 3 * (1000 / 26 ** 3))).toBeCloseTo(1, 1)
  expect(batchFill(batch)).toBeCloseTo(images / (1000 * batch.slots * batch.imagesPerSlot), 12)
})

test('in float64 they are the same, but for the rounding', () => {
  const crystals = [3, 5].map((atoms) => randomCrystal(8, atoms))
  const specs: GeometrySpec[] = [
    { images: adaptive.images, reciprocal: { range: 1 }, frame: 'lattice' },
    { images: { kind: 'sphere', radius: 7 }, in_graph: true },
  ]
  for (const spec of specs) {
    const prepared = crystals.map((crystal) => prepareCrystal(crystal, spec, ELEMENTS))
    const single: Record<string, BatchTensor> = { ...packBatch(prepared).tensors }
    const double: Record<string, BatchTensor<Float64Array>> = { ...packBatch(prepared, Float64Array).tensors }
    expect(Object.keys(double)).toEqual(Object.keys(single))
    for (const [name, { data, dims }] of Object.entries(double)) {
      const kept = single[name].data
      expect(data, name).toBeInstanceOf(kept instanceof Int32Array ? Int32Array : Float64Array)
      expect([dims, Array.from(data, Math.fround)], name).toEqual([single[name].dims, [...kept]])
    }
    // rounded nowhere: coordinates are not numbers of float32
    const { data } = double[spec.in_graph ? 'frac' : 'translation']
    expect(data.some((x) => x !== Math.fround(x))).toBe(true)
  }
})

describe.each(MIXES)('crystals of a benchmark, %s', (_, path) => {
  type Mix = { lattice: number[][]; frac: number[][]; z: number[] }[]
  const read = ({ lattice, frac, z }: Mix[number]): Structure => structure({ lattice, frac, species: z })

  test.each(['jarvis', 'mp'])('%s: batches of 100 atoms are more than half full', (name) => {
    const mixes: Record<string, Mix> = JSON.parse(readFileSync(path, 'utf8'))
    const crystals = mixes[name].map((crystal) =>
      prepareCrystal(read(crystal), { images: { kind: 'sphere', radius: 9.9 } }, ELEMENTS),
    )
    const groups = groupByAtoms(
      crystals.map(({ atoms }) => atoms),
      100,
    )
    const batches = groups.map((group) => packBatch(group.map((index) => crystals[index])))
    const places = batches.reduce(
      (sum, { atoms, slots, imagesPerSlot }) => sum + atoms * slots * imagesPerSlot,
      0,
    )
    const images = crystals.reduce((sum, crystal) => sum + crystal.images.neighbour.length, 0)
    expect(images / places).toBeGreaterThan(0.6)
    expectUnpacked(
      batches[0],
      groups[0].map((index) => crystals[index]),
    )
  })
})
