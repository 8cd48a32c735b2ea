// The convex hull of formation energies: of every composition the least energy that a mixture of known phases has, and which
// mixture that is. Any number of elements; the pure ones are always there, with an energy of 0.

import { symbolOf } from '../crystal/elements.ts'
import { type Column, cheapestMixture } from './mixture.ts'

/** Something of known composition and energy. */
export interface Phase {
  /** Reduced. */
  readonly formula: string
  /** Atomic fractions by atomic number, which add up to one. */
  readonly fractions: ReadonlyMap<number, number>
  /** Formation energy, eV/atom. */
  readonly energy: number
}

/** What a composition decomposes into. */
export interface Decomposition {
  /** Of the mixture, eV/atom. */
  readonly energy: number
  /** Amounts are shares of the atoms, which add up to one; the largest first. */
  readonly products: readonly { readonly phase: Phase; readonly amount: number }[]
}

/** Energies above the hull up to this, eV/atom, are rounding. */
const ON_HULL = 1e-9

/** A hull to be asked. */
export interface Hull {
  /** The phases whose elements are all among these, the elements themselves first. */
  readonly within: (elements: Iterable<number>) => readonly Phase[]
  /** The hull at a composition. `without` is left out of it. */
  readonly at: (fractions: Phase['fractions'], without?: Phase) => Decomposition
  /** Energy above the hull, eV/atom: 0 for a phase that is stable. */
  readonly above: (phase: Phase) => number
}

export function hullOf(phases: readonly Phase[]): Hull {
  const bySystem = new Map<string, { readonly elements: readonly number[]; readonly phases: Phase[] }>()
  for (const phase of phases) {
    const elements = [...phase.fractions.keys()].sort((a, b) => a - b)
    const system = bySystem.get(elements.join())
    if (system) system.phases.push(phase)
    else bySystem.set(elements.join(), { elements, phases: [phase] })
  }
  const found = new Map<string, readonly Phase[]>()

  function within(elements: Iterable<number>): readonly Phase[] {
    const all = [...new Set(elements)].sort((a, b) => a - b)
    const key = all.join()
    let inside = found.get(key)
    if (inside === undefined) {
      const parts = [...bySystem.values()].filter((system) => system.elements.every((z) => all.includes(z)))
      inside = [...all.map(pure), ...parts.flatMap((system) => system.phases)]
      found.set(key, inside)
    }
    return inside
  }

  function at(fractions: Phase['fractions'], without?: Phase): Decomposition {
    const rows = [...fractions.keys()]
    const columns = within(rows)
      .filter((phase) => phase !== without)
      .map((phase) => ({
        phase,
        energy: phase.energy,
        fractions: rows.map((z) => phase.fractions.get(z) ?? 0),
      }))
    const elements = rows.map((z) => columns.find(({ phase }) => phase.fractions.get(z) === 1) as Column)
    const others = columns.filter((column) => !elements.includes(column))
    const { energy, amounts } = cheapestMixture([...fractions.values()], elements, others)
    const products = [...amounts].map(([column, amount]) => ({
      phase: (column as (typeof columns)[number]).phase,
      amount,
    }))
    return { energy, products: products.sort((a, b) => b.amount - a.amount) }
  }

  return {
    within,
    at,
    above(phase) {
      const above = phase.energy - at(phase.fractions).energy
      return above > ON_HULL ? above : 0
    },
  }
}

function pure(z: number): Phase {
  return { formula: symbolOf(z), fractions: new Map([[z, 1]]), energy: 0 }
}

/**
 * Pairs of stable phases that touch: the energy half way between them is on the hull. These are the tie lines of a phase
 * diagram.
 */
export function tieLines(hull: Hull, stable: readonly Phase[]): (readonly [Phase, Phase])[] {
  return stable.flatMap((a, n) =>
    stable.slice(n + 1).flatMap((b) => {
      const middle = new Map<number, number>()
      for (const { fractions } of [a, b])
        for (const [z, x] of fractions) middle.set(z, (middle.get(z) ?? 0) + x / 2)
      const isOnHull = (a.energy + b.energy) / 2 - hull.at(middle).energy <= ON_HULL
      return isOnHull ? [[a, b] as const] : []
    }),
  )
}
