// Which ions go into which structure type: every neutral choice whose radii suit the coordination.

import { structure } from '../../crystal/structure.ts'
import { neighbourTable } from '../../periodic/neighbours.ts'
import { ANIONS, CATIONS, type Ion } from './ions.ts'
import type { Coordination, Prototype, Role } from './prototypes.ts'

export interface Compound {
  readonly prototype: Prototype
  readonly ionOf: ReadonlyMap<Role, Ion>
  /** Reduced, cations first by charge: the same compound has the same formula in every structure type. */
  readonly formula: string
  /** Lattice constant in Å at which the tightest cation just touches its anions. */
  readonly latticeConstant: number
}

/** r₊/r₋ by coordination number: the ranges of Pauling's first rule, widened to what is found in nature. */
const RADIUS_RATIO: Readonly<Record<Coordination, readonly [low: number, high: number]>> = {
  2: [0.2, 0.85],
  4: [0.2, 0.75],
  6: [0.33, 0.95],
  8: [0.55, 1.3],
  12: [0.7, 1.4],
}
/** Where one cation touches its anions, the other must fill this much of its place (for perovskites: Goldschmidt's t). */
const LOOSEST_FIT = 0.88
const CATION_ROLES = ['A', 'B'] as const

/** All compounds of a structure type, in a fixed order. */
export function compoundsOf(prototype: Prototype): Compound[] {
  const distances = CATION_ROLES.slice(0, prototype.coordination.length).map((role) =>
    nearestAnion(prototype, role),
  )
  return ANIONS.flatMap((X) =>
    cationChoices(prototype, X).flatMap((cations) => {
      const ionOf = new Map<Role, Ion>([
        ['X', X],
        ...cations.map((ion, c) => [CATION_ROLES[c], ion] as const),
      ])
      const ions = prototype.sites.map(({ role }) => ionOf.get(role) as Ion)
      if (ions.reduce((charge, ion) => charge + ion.charge, 0) !== 0) return []
      const touching = cations.map((ion, c) => (ion.radius + X.radius) / distances[c])
      const latticeConstant = Math.max(...touching)
      if (Math.min(...touching) < LOOSEST_FIT * latticeConstant) return []
      return [{ prototype, ionOf, formula: formula(ions), latticeConstant }]
    }),
  )
}

/** The cations of each role that suit an anion by their radii. */
function cationChoices({ coordination: [a, b] }: Prototype, X: Ion): Ion[][] {
  const suiting = (coordination: Coordination) => {
    const [low, high] = RADIUS_RATIO[coordination]
    return CATIONS.filter(({ radius }) => low <= radius / X.radius && radius / X.radius <= high)
  }
  if (b === undefined) return suiting(a).map((A) => [A])
  // On sites of one coordination the order of two cations hardly matters: take each pair once, the lower charge as A.
  const differ = (A: Ion, B: Ion) => (a === b ? A.charge < B.charge : A !== B)
  return suiting(a).flatMap((A) =>
    suiting(b)
      .filter((B) => differ(A, B))
      .map((B) => [A, B]),
  )
}

/** Distance from a cation to its nearest anion, in units of a. */
function nearestAnion({ lattice, sites }: Prototype, cation: Role): number {
  const crystal = structure({ lattice, frac: sites.map((s) => s.frac), species: sites.map(() => 1) })
  const { offsets, neighbour, displacement } = neighbourTable(crystal, { kind: 'sphere', radius: 1 })
  const i = sites.findIndex(({ role }) => role === cation)
  let nearest = Number.POSITIVE_INFINITY
  for (let image = offsets[i]; image < offsets[i + 1]; image++) {
    if (sites[neighbour[image]].role !== 'X') continue
    nearest = Math.min(nearest, Math.hypot(...displacement.subarray(3 * image, 3 * image + 3)))
  }
  return nearest
}

function formula(ions: readonly Ion[]): string {
  const counts = new Map<Ion, number>()
  for (const ion of ions) counts.set(ion, (counts.get(ion) ?? 0) + 1)
  const divisor = [...counts.values()].reduce(greatestCommonDivisor)
  return [...counts]
    .sort(
      ([a], [b]) =>
        Number(a.charge < 0) - Number(b.charge < 0) || a.charge - b.charge || a.element - b.element,
    )
    .map(([{ symbol }, count]) => (count === divisor ? symbol : `${symbol}${count / divisor}`))
    .join('')
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
