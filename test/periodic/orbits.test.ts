// Orbits of atoms against those of moyo, a library for space groups, on golden crystals, larger cells of them, and random ones.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { analyze_cell, initSync, type MoyoDataset } from '@spglib/moyo-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { neighbourTable } from '../../src/periodic/neighbours.ts'
import { orbitsOf } from '../../src/periodic/orbits.ts'
import { surroundings } from '../../src/periodic/surroundings.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { randomCrystal } from './crystals.ts'

const RADIUS = 6
/** Å: coordinates of the golden crystals are given to more digits. */
const SYMPREC = 1e-4

beforeAll(() => {
  const path = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm')
  initSync({ module: readFileSync(path) })
})

const golden = goldenStructures()
const crystals: [string, Structure][] = [
  ...golden,
  [
    'NaCl in a supercell',
    supercell(golden.get('NaCl_prim')!, [
      [2, 0, 0],
      [0, 1, 0],
      [0, 1, 2],
    ]),
  ],
  [
    'rutile in a skewed supercell',
    supercell(golden.get('TiO2_rutile')!, [
      [1, 1, 0],
      [0, 1, 0],
      [0, 2, 1],
    ]),
  ],
  ...[1, 2, 3].map((seed): [string, Structure] => [`random ${seed}`, randomCrystal(seed, 6)]),
]

describe.each(crystals)('%s', (_, crystal) => {
  const table = neighbourTable(crystal, { kind: 'sphere', radius: RADIUS })

  it('orbits of all isometries', () => {
    expect([...orbitsOf(crystal, 'all', surroundings(table))]).toEqual(firsts(analysed(crystal).orbits))
  })

  it('orbits of turns and shifts', () => {
    const proper = analysed(crystal).operations.filter(({ rotation }) => determinant(rotation) > 0)
    expect([...orbitsOf(crystal, 'proper', surroundings(table))]).toEqual(
      firsts(orbitsUnder(proper, crystal)),
    )
  })
})

it('tells species apart, and sites that are shared differently', () => {
  const half = (occupancy: number) => [{ element: 14, occupancy }]
  const chain = (species: unknown[]) =>
    structure({
      lattice: [
        [species.length * 3, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      frac: species.map((_, i) => [i / species.length, 0, 0]),
      species: species as number[],
    })
  const found = (crystal: Structure) => [
    ...orbitsOf(crystal, 'proper', surroundings(neighbourTable(crystal, { kind: 'sphere', radius: RADIUS }))),
  ]
  expect(found(chain([14, 14, 14]))).toEqual([0, 0, 0])
  expect(found(chain([14, 32, 14]))).toEqual([0, 1, 0])
  expect(found(chain([half(0.5), half(0.6), half(0.5), half(0.6)]))).toEqual([0, 1, 0, 1])
})

it('takes no atom for another that is 10⁻⁴ Å off', () => {
  const { lattice, frac, species } = golden.get('NaCl_conv')!
  const moved = structure({
    lattice,
    frac: frac.map(([x, y, z], i): Vec3 => [x + (i === 0 ? 2e-5 : 0), y, z]),
    species,
  })
  const table = neighbourTable(moved, { kind: 'sphere', radius: RADIUS })
  const of = orbitsOf(moved, 'all', surroundings(table))
  expect([...of].filter((first) => first === 0)).toHaveLength(1)
})

function analysed({ lattice, frac, species }: Structure): MoyoDataset {
  const kinds = species.map((site) => JSON.stringify(site))
  const numbers = kinds.map((kind) => 1 + kinds.indexOf(kind))
  const cell = { lattice: { basis: lattice.flat() }, positions: frac, numbers }
  return analyze_cell(JSON.stringify(cell), SYMPREC, 'Standard')
}

/** Every orbit by its first atom. */
function firsts(orbits: readonly number[]): number[] {
  return orbits.map((orbit) => orbits.indexOf(orbit))
}

type Operation = MoyoDataset['operations'][number]

/** Orbits under x → W·x + w of fractional coordinates. */
function orbitsUnder(operations: readonly Operation[], { frac, species }: Structure): number[] {
  const orbit = frac.map((_, i) => i)
  for (const { rotation: w, translation: t } of operations) {
    frac.forEach((x, i) => {
      // moyo stores matrices column by column.
      const y = [0, 1, 2].map((c) => w[c] * x[0] + w[c + 3] * x[1] + w[c + 6] * x[2] + t[c])
      const j = frac.findIndex((z, n) => {
        const apart = z.map((a, c) => a - y[c] - Math.round(a - y[c]))
        return (
          Math.max(...apart.map(Math.abs)) < 1e-4 && JSON.stringify(species[n]) === JSON.stringify(species[i])
        )
      })
      if (j < 0) throw new Error('no image of an atom: the operation is read wrongly')
      const [low, high] = [Math.min(orbit[i], orbit[j]), Math.max(orbit[i], orbit[j])]
      for (let n = 0; n < orbit.length; n++) if (orbit[n] === high) orbit[n] = low
    })
  }
  return orbit
}

function determinant(w: readonly number[]): number {
  return (
    w[0] * (w[4] * w[8] - w[5] * w[7]) -
    w[1] * (w[3] * w[8] - w[5] * w[6]) +
    w[2] * (w[3] * w[7] - w[4] * w[6])
  )
}
