// What can be asked of substitutions, and why crystals are left out of them.

import { ConfigError } from '../../errors.ts'
import type { ExchangeOptions } from './exchange.ts'

/** How crystals are made of others. */
export interface SubstituteOptions extends Partial<ExchangeOptions> {
  /** How many crystals. */
  readonly count: number
  /** A whole number. Same seed, same crystals; crystal i does not depend on `count`. Default 0. */
  readonly seed?: number
  /** Sites of a crystal that others are made of, at most. Default 16. */
  readonly maxAtoms?: number
  /** Standard deviation of the strain that is the same along all axes. Default 0.025. */
  readonly isotropic?: number
  /** Standard deviation of each of the six components of the other strain. Default 0.02. */
  readonly anisotropic?: number
  /** Standard deviation of the displacement of a rattled atom along each axis, Å. Default 0.03. */
  readonly rattle?: number
  /** Share of the crystals that are rattled. Default 0.5. */
  readonly rattled?: number
  /** Å between two atoms at least. Default 1.2. */
  readonly minDistance?: number
  /** Chemical systems that no crystal may be of, such as `Na-Cl`, besides those of the test split. */
  readonly excludedSystems?: Iterable<string>
  /** Told of every crystal of the data that nothing is made of, and of every attempt that came to nothing. */
  readonly onLeftOut?: (reason: LeftOut) => void
}

/** Why a crystal of the data, or an attempt, is left out. */
export type LeftOut =
  /** A crystal of the data with more than `maxAtoms` sites. */
  | 'too-many-atoms'
  /** A crystal of the data with sites of several elements, or partly empty ones. */
  | 'disordered'
  /** An attempt in which two elements became one. */
  | 'merged-elements'
  /** An attempt in an excluded chemical system. */
  | 'excluded-system'
  /** An attempt with two atoms nearer than `minDistance`. */
  | 'too-close'
  /** An attempt that cannot be told apart from a crystal of the data, or from an earlier one. */
  | 'duplicate'

/** What the command line shows, too. */
export const SUBSTITUTE_DEFAULTS = {
  maxAtoms: 16,
  kept: 0.35,
  exchangedNear: 0.45,
  near: { groups: 1, difference: 0.4 },
  far: { groups: 4, difference: 0.9 },
  isotropic: 0.025,
  anisotropic: 0.02,
  rattle: 0.03,
  rattled: 0.5,
  minDistance: 1.2,
} as const satisfies Partial<SubstituteOptions>

/** All but how many, of what and for whom. */
export type SubstituteSettings = Pick<Required<SubstituteOptions>, keyof typeof SUBSTITUTE_DEFAULTS>

/** Strains above this turn cells inside out. */
const MAX_STRAIN = 0.2

/** Options with their defaults. @throws ConfigError for shares and strains that are none */
export function substituteSettings(options: Partial<SubstituteSettings>): SubstituteSettings {
  const settings = { ...SUBSTITUTE_DEFAULTS, ...options }
  const { kept, exchangedNear, rattled, isotropic, anisotropic } = settings
  const limits: [name: string, value: number, most: number][] = [
    ['kept', kept, 1],
    ['exchangedNear', exchangedNear, 1],
    ['kept + exchangedNear', kept + exchangedNear, 1],
    ['rattled', rattled, 1],
    ['isotropic', isotropic, MAX_STRAIN],
    ['anisotropic', anisotropic, MAX_STRAIN],
  ]
  for (const [name, value, most] of limits) {
    if (!(value >= 0 && value <= most)) throw new ConfigError(`${name} is ${value}, expected 0 to ${most}`)
  }
  return settings
}
