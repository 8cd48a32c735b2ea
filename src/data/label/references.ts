// Energies of the elements, with which the energy of a program becomes a formation energy: those by which its energies an
// atom differ from the formation energies of known crystals, as well as element references can tell.

import { symbolOf } from '../../crystal/elements.ts'
import { atomicFractions } from '../../crystal/formula.ts'
import type { Structure } from '../../crystal/structure.ts'
import { DatasetError } from '../../errors.ts'
import { additive, type ElementalObservation, fitPerElement } from '../per-element.ts'

/** Fitted references. */
export interface References {
  /** By atomic number, in the unit of the labels. */
  readonly perElement: ReadonlyMap<number, number>
  /** Crystals that they were fitted to. */
  readonly crystals: number
  /** Mean absolute difference between their targets and their labels less the references. */
  readonly meanAbsoluteError: number
}

/** λ of the ridge; small, since most elements are in many crystals. */
const PENALTY = 0.01

/** A crystal with what the program says of it and what is known. */
export interface KnownCrystal {
  readonly structure: Structure
  readonly label: number
  readonly target: number
}

/** @throws DatasetError without a crystal */
export function fitReferences(known: readonly KnownCrystal[]): References {
  if (known.length === 0) {
    throw new DatasetError(
      'none of the crystals for the references has both a target and a label of the program',
    )
  }
  const observations: ElementalObservation[] = known.map(({ structure, label, target }) => ({
    fractions: atomicFractions(structure),
    value: label - target,
  }))
  const perElement = fitPerElement(observations, { penalty: PENALTY })
  const errors = observations.map(({ fractions, value }) => Math.abs(value - additive(fractions, perElement)))
  return {
    perElement,
    crystals: known.length,
    meanAbsoluteError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
  }
}

/** As JSON: symbols in place of atomic numbers. */
export function describeReferences({ perElement, crystals, meanAbsoluteError }: References): object {
  return {
    crystals,
    mean_absolute_error: meanAbsoluteError,
    elements: Object.fromEntries([...perElement].map(([z, value]) => [symbolOf(z), value])),
  }
}
