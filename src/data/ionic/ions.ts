// The ions of the built-in data set: one charge an element, so that an element's name tells its charge.

import type { Structure } from '../../crystal/structure.ts'
import { ElementError } from '../../errors.ts'

export interface Ion {
  readonly symbol: string
  /** Atomic number. */
  readonly element: number
  /** In units of e. */
  readonly charge: number
  /** Effective ionic radius in Å. */
  readonly radius: number
}

const ion = (symbol: string, element: number, charge: number, radius: number): Ion => ({
  symbol,
  element,
  charge,
  radius,
})

/**
 * Effective ionic radii at coordination number six, high spin for Mn, Fe and Co; nitride at coordination number four,
 * the only one tabulated. R. D. Shannon, Acta Cryst. A 32, 751 (1976).
 */
export const CATIONS: readonly Ion[] = [
  ion('Li', 3, 1, 0.76),
  ion('Na', 11, 1, 1.02),
  ion('K', 19, 1, 1.38),
  ion('Cu', 29, 1, 0.77),
  ion('Rb', 37, 1, 1.52),
  ion('Ag', 47, 1, 1.15),
  ion('Cs', 55, 1, 1.67),
  ion('Tl', 81, 1, 1.5),
  ion('Be', 4, 2, 0.45),
  ion('Mg', 12, 2, 0.72),
  ion('Ca', 20, 2, 1.0),
  ion('Mn', 25, 2, 0.83),
  ion('Fe', 26, 2, 0.78),
  ion('Co', 27, 2, 0.745),
  ion('Ni', 28, 2, 0.69),
  ion('Zn', 30, 2, 0.74),
  ion('Sr', 38, 2, 1.18),
  ion('Cd', 48, 2, 0.95),
  ion('Ba', 56, 2, 1.35),
  ion('Pb', 82, 2, 1.19),
  ion('Al', 13, 3, 0.535),
  ion('Sc', 21, 3, 0.745),
  ion('V', 23, 3, 0.64),
  ion('Cr', 24, 3, 0.615),
  ion('Ga', 31, 3, 0.62),
  ion('Y', 39, 3, 0.9),
  ion('In', 49, 3, 0.8),
  ion('La', 57, 3, 1.032),
  ion('Bi', 83, 3, 1.03),
  ion('Ti', 22, 4, 0.605),
  ion('Ge', 32, 4, 0.53),
  ion('Zr', 40, 4, 0.72),
  ion('Sn', 50, 4, 0.69),
  ion('Ce', 58, 4, 0.87),
  ion('Hf', 72, 4, 0.71),
  ion('Th', 90, 4, 0.94),
]

/** See CATIONS for the source. */
export const ANIONS: readonly Ion[] = [
  ion('F', 9, -1, 1.33),
  ion('Cl', 17, -1, 1.81),
  ion('Br', 35, -1, 1.96),
  ion('I', 53, -1, 2.2),
  ion('O', 8, -2, 1.4),
  ion('S', 16, -2, 1.84),
  ion('Se', 34, -2, 1.98),
  ion('Te', 52, -2, 2.21),
  ion('N', 7, -3, 1.46),
]

const ION_OF_ELEMENT = new Map([...CATIONS, ...ANIONS].map((ion) => [ion.element, ion]))

/** The ion on each site of an ordered crystal. @throws ElementError for an element that is not tabulated here. */
export function ionsOf(structure: Structure): Ion[] {
  return structure.species.map(([{ element }], i) => {
    const ion = ION_OF_ELEMENT.get(element)
    if (ion) return ion
    const known = [...CATIONS, ...ANIONS].map((other) => other.symbol).join(' ')
    throw new ElementError(`site ${i + 1}: no ionic radius for atomic number ${element}; known are ${known}`)
  })
}
