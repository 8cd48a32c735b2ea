// The crystals that every benchmark runs on: the mixes of bench/crystals.json where that reference material is present,
// else crystals generated from the built-in data set with similar sizes; and one crystal in cells of growing size.

import { readFileSync } from 'node:fs'
import { type Structure, structure } from '../src/crystal/structure.ts'
import { supercell } from '../src/crystal/supercell.ts'
import { generateIonicDataset } from '../src/data/ionic/generate.ts'
import { random } from '../src/math/random/xoshiro.ts'
import { shared } from '../test/shared.ts'

export interface Mix {
  readonly name: string
  readonly crystals: readonly Structure[]
}

/** Mean numbers of atoms of the generated stand-ins, those of the real mixes. */
const STAND_IN = { jarvis: 9, mp: 24 }
const STAND_IN_CRYSTALS = 128

export function mixes(): { source: string; mixes: Mix[] } {
  const path = shared('bench/crystals.json')
  if (path === undefined) {
    return {
      source: 'generated stand-in',
      mixes: Object.entries(STAND_IN).map(([name, atoms]) => ({ name, crystals: standIn(atoms) })),
    }
  }
  type Raw = { lattice: number[][]; frac: number[][]; z: number[] }
  const file: Record<string, Raw[]> = JSON.parse(readFileSync(path, 'utf8'))
  return {
    source: 'bench/crystals.json',
    mixes: ['jarvis', 'mp'].map((name) => ({
      name,
      crystals: file[name].map(({ lattice, frac, z }) => structure({ lattice, frac, species: z })),
    })),
  }
}

/** Generated crystals, enlarged to about `atoms` atoms on average. */
function standIn(atoms: number): Structure[] {
  const small = [...generateIonicDataset({ count: STAND_IN_CRYSTALS, seed: 11 })].map((c) => c.structure)
  return small.map((s) => {
    const copies = Math.max(1, Math.round(atoms / s.frac.length))
    return supercell(s, [
      [copies, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })
}

/** A cell of many atoms. */
export interface GrowingCell {
  readonly atoms: number
  readonly crystal: Structure
}

type Repeats = readonly [number, number, number]
const GROWING: readonly Repeats[] = [
  [2, 1, 1],
  [3, 2, 1],
  [5, 2, 2],
  [5, 4, 3],
  [10, 5, 4],
]

/** Cells of `rattled` of 10 to 1000 atoms, unless others are asked for. */
export function growingCells(repeats = GROWING): GrowingCell[] {
  return repeats.map((times) => {
    const crystal = rattled(times)
    return { atoms: crystal.frac.length, crystal }
  })
}

/** Strontium titanate (5 atoms, a = 3.905 Å) so many times along each axis, every atom displaced by up to 0.05 Å. */
function rattled([i, j, k]: Repeats): Structure {
  const a = 3.905
  const unit = structure({
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ],
    species: [38, 22, 8, 8, 8],
  })
  const cell = supercell(unit, [
    [i, 0, 0],
    [0, j, 0],
    [0, 0, k],
  ])
  const source = random(i * 100 + j * 10 + k)
  const frac = cell.frac.map(([x, y, z]) => [
    x + (source.uniform() - 0.5) * (0.1 / (a * i)),
    y + (source.uniform() - 0.5) * (0.1 / (a * j)),
    z + (source.uniform() - 0.5) * (0.1 / (a * k)),
  ])
  return structure({ ...cell, frac })
}
