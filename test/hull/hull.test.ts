// The convex hull against pymatgen's PhaseDiagram (test/fixtures/hull), and where the answer is known by hand.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { atomicNumber } from '../../src/crystal/elements.ts'
import { hullOf, type Phase, tieLines } from '../../src/hull/hull.ts'
import { fixture } from '../cli/run.ts'

interface System {
  readonly elements: readonly string[]
  /** energies on a grid, so that a decomposition need not be the only one */
  readonly coarse: boolean
  readonly phases: readonly {
    readonly counts: Readonly<Record<string, number>>
    readonly energy: number
    readonly above: number
    readonly products: Readonly<Record<string, number>>
  }[]
}
/** 200 others were compared once: HULL_SYSTEMS=/path/to/systems.json. */
const systems: System[] = JSON.parse(
  readFileSync(process.env.HULL_SYSTEMS ?? fixture('hull/systems.json'), 'utf8'),
)

function phase(formula: string, energy: number): Phase {
  const counts = [...formula.matchAll(/([A-Z][a-z]?)([\d.]*)/g)].map(
    ([, symbol, n]) => [symbol, Number(n || 1)] as const,
  )
  const total = counts.reduce((sum, [, n]) => sum + n, 0)
  return { formula, fractions: new Map(counts.map(([s, n]) => [atomicNumber(s)!, n / total])), energy }
}

/** Fractions as text, whatever formula they are written with (O2 is O). */
function key(formula: string): string {
  return [...phase(formula, 0).fractions]
    .sort(([a], [b]) => a - b)
    .map(([z, x]) => `${z}:${x.toFixed(6)}`)
    .join(' ')
}

describe('against pymatgen', () => {
  it.each(systems.map((system, n) => [`${n} ${system.elements.join('-')}`, system] as const))(
    '%s',
    (_, system) => {
      const phases = system.phases.map(({ counts, energy }) =>
        phase(
          Object.entries(counts)
            .map(([symbol, n]) => `${symbol}${n}`)
            .join(''),
          energy,
        ),
      )
      const hull = hullOf(phases)
      for (const [n, { above, products }] of system.phases.entries()) {
        const { products: own } = hull.at(phases[n].fractions)
        expect(Math.abs(hull.above(phases[n]) - above)).toBeLessThan(1e-6)
        expect(own.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(1, 9)
        if (system.coarse) continue
        const amounts = new Map<string, number>()
        for (const { phase, amount } of own)
          amounts.set(key(phase.formula), (amounts.get(key(phase.formula)) ?? 0) + amount)
        const expected = Object.entries(products).filter(([, amount]) => amount > 1e-9)
        expect([...amounts.keys()].sort()).toEqual(expected.map(([formula]) => key(formula)).sort())
        for (const [formula, amount] of expected) expect(amounts.get(key(formula))).toBeCloseTo(amount, 6)
      }
    },
  )
})

describe('hullOf', () => {
  // Na and Cl at 0; NaCl far below; Na2Cl on the line between Na and NaCl, 0.1 above; NaCl3 below the line to Cl.
  const NaCl = phase('NaCl', -2)
  const Na2Cl = phase('Na2Cl', -4 / 3 + 0.1)
  const NaCl3 = phase('NaCl3', -1.2)
  const hull = hullOf([NaCl, Na2Cl, NaCl3])

  it('knows the elements, and amounts by atoms', () => {
    expect(hull.above(NaCl)).toBe(0)
    expect(hull.above(Na2Cl)).toBeCloseTo(0.1, 12)
    const { products } = hull.at(Na2Cl.fractions)
    expect(products.map(({ phase, amount }) => [phase.formula, Number(amount.toFixed(9))])).toEqual([
      ['NaCl', 0.666666667],
      ['Na', 0.333333333],
    ])
    expect(hull.at(new Map([[11, 1]])).products.map(({ phase }) => phase.formula)).toEqual(['Na'])
  })

  it('leaves a phase out when asked: how far below the others it is', () => {
    // NaCl3 would be half NaCl (−2) and half Cl (0) by atoms.
    expect(NaCl3.energy - hull.at(NaCl3.fractions, NaCl3).energy).toBeCloseTo(-0.2, 12)
    // NaCl would be x NaCl3 and 1 − x Na2Cl with ¾x + ⅓(1 − x) = ½.
    const x = 0.4
    expect(hull.at(NaCl.fractions, NaCl).energy).toBeCloseTo(x * -1.2 + (1 - x) * (-4 / 3 + 0.1), 12)
  })

  it('draws tie lines between stable phases that touch', () => {
    const stable = hull.within([11, 17]).filter((p) => hull.above(p) === 0)
    const lines = tieLines(hull, stable).map((pair) =>
      pair
        .map(({ formula }) => formula)
        .sort()
        .join('–'),
    )
    expect(lines.sort()).toEqual(['Cl–NaCl3', 'NaCl–NaCl3', 'Na–NaCl'])
  })

  it('takes phases of the same composition, an element below 0, and eight elements', () => {
    const two = hullOf([NaCl, phase('NaCl', -1.5), phase('Na', -0.1)])
    expect(two.above(phase('NaCl', -1.5))).toBeCloseTo(0.5, 12)
    expect(two.above(phase('Na', 0))).toBeCloseTo(0.1, 12)
    const all = 'LiNaKMgCaAlFeO'
    const eight = hullOf([phase(all, -1), phase('MgO', -3), phase('Li2O', -2), phase('CaO', -3.2)])
    // Of eight atoms two are MgO (or CaO, whichever costs less), for there is one O.
    expect(eight.at(phase(all, 0).fractions).energy).toBeCloseTo(-1, 12)
    expect(eight.at(phase(all, 0).fractions).products.map(({ phase }) => phase.formula)).toEqual([all])
    const without = hullOf([phase('MgO', -3), phase('Li2O', -2), phase('CaO', -3.2)])
    expect(without.at(phase(all, 0).fractions).energy).toBeCloseTo((2 / 8) * -3.2, 12)
  })
})
