// The built-in data set: strained, shaken and enlarged ionic crystals, labelled by a lattice energy that is computed,
// not looked up. Anyone can make it anywhere in seconds, any size, without a download or a licence.

import { type Structure, structure } from '../../crystal/structure.ts'
import { supercell } from '../../crystal/supercell.ts'
import { DatasetError } from '../../errors.ts'
import type { Random } from '../../math/random/random.ts'
import { random } from '../../math/random/xoshiro.ts'
import type { Mat3 } from '../../math/vectors.ts'
import { deformed, plusSymmetric } from '../deform.ts'
import { type LabelledCrystal, labelledCrystal } from '../labelled.ts'
import { type Compound, compoundsOf } from './compounds.ts'
import { latticeEnergy } from './energy.ts'
import type { Ion } from './ions.ts'
import { PROTOTYPES } from './prototypes.ts'
import { splitByFormula } from './splits.ts'

/** Name and unit of the label. */
export const IONIC_TARGET = {
  /** key in `targets` */
  name: 'lattice_energy',
  /** of its values */
  unit: 'eV/atom',
} as const

/** How many ionic crystals, and which. */
export interface IonicOptions {
  /** How many crystals. */
  readonly count: number
  /** A whole number. Same seed, same data set; crystal i does not depend on `count`. Default 0. */
  readonly seed?: number
  /** Sites in a cell at most; structure types with more are left out. Default 20. */
  readonly maxAtoms?: number
  /** Told of crystals made so far. */
  readonly onProgress?: (progress: { readonly crystals: number; readonly count: number }) => void
}

/** Linear expansion of the cell against touching ions: from a little compressed to far along the energy–volume curve. */
const EXPANSION: readonly [number, number] = [0.94, 1.5]
/** Standard deviation of each component of the strain. */
const STRAIN = 0.04
/** Ions are displaced by up to this standard deviation (Å) along each axis; how much differs between crystals. */
const LARGEST_RATTLE = 0.15

/**
 * Crystals of 17 structure types and 45 elements with the target `lattice_energy` in eV/atom.
 *
 * Each takes a random type, a random neutral compound of it, a supercell, an expansion, a strain and a rattle. The
 * split is by compound (splits.ts), about 80 % train, 10 % val, 10 % test: CaF2 is in one of them only, in whatever
 * structure type or deformation. So the test error is that of compounds never seen, of elements that were.
 */
export function* generateIonicDataset(options: IonicOptions): Generator<LabelledCrystal> {
  const { count, seed = 0, maxAtoms = 20, onProgress } = options
  const types = PROTOTYPES.map(compoundsOf)
  const splits = splitByFormula(types, seed)
  const fitting = types.filter(([{ prototype }]) => prototype.sites.length <= maxAtoms)
  if (fitting.length === 0) {
    throw new DatasetError(
      `no structure type has as few as ${maxAtoms} atoms; expected maxAtoms of 2 or more`,
    )
  }
  for (let index = 0; index < count; index++) {
    const rng = random(seed, index)
    const compound = rng.pick(rng.pick(fitting))
    const crystal = deform(enlarge(ideal(compound), maxAtoms, rng), rng)
    yield labelledCrystal({
      id: `ionic-${seed}-${String(index).padStart(6, '0')}-${compound.formula}-${compound.prototype.name}`,
      structure: crystal,
      split: splits.get(compound.formula),
      targets: [[IONIC_TARGET.name, latticeEnergy(crystal)]],
    })
    onProgress?.({ crystals: index + 1, count })
  }
}

/** The undeformed primitive cell, tightest ions touching. */
export function ideal({ prototype, ionOf, latticeConstant }: Compound): Structure {
  return structure({
    lattice: prototype.lattice.map((row) => row.map((x) => x * latticeConstant)),
    frac: prototype.sites.map((site) => site.frac),
    species: prototype.sites.map(({ role }) => (ionOf.get(role) as Ion).element),
  })
}

/** The same crystal in another cell: up to three times as large, sometimes skewed. */
function enlarge(crystal: Structure, maxAtoms: number, rng: Random): Structure {
  const copies = 1 + rng.integer(Math.max(1, Math.min(3, Math.floor(maxAtoms / crystal.frac.length))))
  const rows: number[][] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  const [longer, shorter] = rng.shuffle([0, 1, 2])
  rows[longer][longer] = copies
  // Adding one vector to another keeps the lattice, and makes a cell that no table lists.
  if (rng.uniform() < 0.5) rows[longer] = rows[longer].map((x, m) => x + rows[shorter][m])
  return supercell(crystal, rows as unknown as Mat3)
}

function deform(crystal: Structure, rng: Random): Structure {
  const expansion = rng.between(...EXPANSION)
  const deformation = plusSymmetric(expansion, STRAIN, rng)
  return deformed(crystal, { deformation, rattle: rng.between(0, LARGEST_RATTLE) }, rng)
}
