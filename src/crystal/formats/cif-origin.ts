// Which of two possible origins a CIF data block means, by what it declares of the cell: its atoms, the multiplicities of
// its sites, its mass by density or weight, its electrons, the proportions of its formula.

import { atomicMass } from '../atomic-masses.ts'
import { composition } from '../formula.ts'
import type { Site } from '../structure.ts'
import type { ExpandedSites } from '../symmetry/expand.ts'
import type { CifAtom } from './cif-atoms.ts'
import { formulaFits, formulaSum } from './cif-formula.ts'
import type { CifBlock } from './cif-syntax.ts'
import { parseNumber } from './reading.ts'

/** Relative; a wrong origin is wrong by a factor of two or more in the atoms concerned. */
const SAME = 0.1
/** Grams a mole in 1 Å³ of density 1 g/cm³. */
const MASS_OF_DENSITY = 0.602214076

/** Whether a cell is the one that is declared; undefined where nothing is declared. */
type Evidence = (sites: ExpandedSites) => boolean | undefined

/**
 * What the block declares about the cell, the most telling first. The cell that one of them fits and another does not is
 * the one that is meant.
 */
export function originEvidence(block: CifBlock, atoms: readonly CifAtom[], volume: number): Evidence[] {
  const number = (tag: string) => parseNumber(block.columns.get(tag)?.values[0]?.trim() ?? '')
  const sum = formulaSum(block)
  const z = number('_cell_formula_units_z')
  const weight = number('_chemical_formula_weight')
  const density = number('_exptl_crystal_density_diffrn') ?? number('_exptl_crystal_density_meas')
  const electrons = number('_exptl_crystal_f_000')
  const close = (found: number, declared: number | undefined, within = SAME) =>
    declared === undefined ? undefined : Math.abs(found - declared) <= within * declared
  const product = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a * b
  return [
    ({ multiplicities }) => {
      const said = atoms.map(({ multiplicity }, i) => close(multiplicities[i], multiplicity, 1e-9))
      return said.every((s) => s === undefined) ? undefined : !said.includes(false)
    },
    ({ species }) =>
      close(
        total(species, () => 1),
        product(z, sum && [...sum.values()].reduce((a, b) => a + b)),
        0.01,
      ),
    ({ species }) => close(total(species, atomicMass), product(z, weight)),
    ({ species }) =>
      close(
        total(species, (element) => element),
        electrons,
      ),
    ({ species }) => close(total(species, atomicMass), product(density, volume * MASS_OF_DENSITY)),
    ({ species }) => sum && formulaFits(composition({ species }), sum),
    // The first letter is that of the positions with the fewest images.
    ({ multiplicities }) => {
      const first = atoms.flatMap(({ wyckoff }, i) => (wyckoff === 'a' ? [multiplicities[i]] : []))
      return first.length === 0 ? undefined : Math.max(...first) <= Math.min(...multiplicities)
    },
  ]
}

function total(species: readonly Site[], of: (element: number) => number): number {
  return species.flat().reduce((sum, { element, occupancy }) => sum + of(element) * occupancy, 0)
}
