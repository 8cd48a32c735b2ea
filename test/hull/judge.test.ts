// What is said of crystals: intervals that go through the hull, and the page.

import { describe, expect, it } from 'vitest'
import { hullOf, type Phase } from '../../src/hull/hull.ts'
import { judge } from '../../src/hull/judge.ts'
import { hullPage } from '../../src/hull/page.ts'

const binary = (formula: string, share: number, energy: number): Phase => ({
  formula,
  fractions: new Map([
    [11, 1 - share],
    [17, share],
  ]),
  energy,
})
const NaCl = binary('NaCl', 0.5, -2)
const NaCl3 = binary('NaCl3', 0.75, -0.9)
const hull = hullOf([NaCl, NaCl3])

describe('judge', () => {
  it('says how far above, and into what', () => {
    expect(judge(hull, NaCl)).toEqual({ above: 0, decomposition: [{ formula: 'NaCl', amount: 1 }] })
    const { above, decomposition, interval } = judge(hull, NaCl3)
    expect(above).toBeCloseTo(0.1, 12)
    expect(decomposition).toEqual(
      ['NaCl', 'Cl'].map((formula) => ({ formula, amount: expect.closeTo(0.5, 12) })),
    )
    expect(interval).toBeUndefined()
  })

  it('carries an interval through: against the hull of the others, and never below it', () => {
    const unstable = judge(hull, NaCl3, { level: 0.9, low: -1.1, high: -0.7 })
    expect(unstable.interval).toEqual({ level: 0.9, low: 0, high: expect.closeTo(0.3, 12) })
    // Without itself, NaCl is ⅔ NaCl3 and ⅓ Na: −0.6. However low its energy may be, it is on the hull.
    const stable = judge(hull, NaCl, { level: 0.8, low: -2.4, high: -1.6 })
    expect(stable.interval).toEqual({ level: 0.8, low: 0, high: 0 })
    expect(judge(hull, NaCl, { level: 0.8, low: -2.4, high: -0.4 }).interval!.high).toBeCloseTo(0.2, 12)
  })
})

it('the page has a diagram of each system of two and three elements, and no markup from outside', async () => {
  const fractions = (...z: number[]) => new Map(z.map((element) => [element, 1 / z.length]))
  const phases: Phase[] = [
    NaCl,
    NaCl3,
    { formula: 'LiNaCl', fractions: fractions(3, 11, 17), energy: -1 },
    { formula: 'LiNaClO', fractions: fractions(3, 11, 17, 8), energy: -1 },
  ]
  const all = hullOf(phases)
  const evil = '<script>alert(1)</script>'
  const asked = phases.map((phase) => ({ name: evil, phase, verdict: judge(all, phase) }))
  const page = await hullPage(all, asked)
  expect(page.match(/<svg/g)).toHaveLength(2)
  expect(page).toContain('Na–Cl. Stable: Na, Cl, NaCl.')
  expect(page).toContain('0.50 NaCl + 0.50 Cl')
  expect(page).not.toContain('<script')
})
