// Short-range repulsion and the lattice energy built on it.

import { describe, expect, it } from 'vitest'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { compoundsOf } from '../../../src/data/ionic/compounds.ts'
import { latticeEnergy } from '../../../src/data/ionic/energy.ts'
import { COULOMB } from '../../../src/data/ionic/ewald.ts'
import { ideal } from '../../../src/data/ionic/generate.ts'
import { type Ion, ionsOf } from '../../../src/data/ionic/ions.ts'
import { PROTOTYPES } from '../../../src/data/ionic/prototypes.ts'
import { repulsiveEnergy } from '../../../src/data/ionic/repulsion.ts'
import { ElementError } from '../../../src/errors.ts'

function scaled(crystal: Structure, factor: number): Structure {
  return structure({ ...crystal, lattice: crystal.lattice.map((row) => row.map((x) => x * factor)) })
}

function compound(type: string, formula: string): Structure {
  const prototype = PROTOTYPES.find((p) => p.name === type)
  const found = prototype && compoundsOf(prototype).find((c) => c.formula === formula)
  if (!found) throw new Error(`${formula} ${type}`)
  return ideal(found)
}

/** Factor on the lattice constant at which the energy is lowest, to 1e-4. */
function equilibrium(crystal: Structure): number {
  let [low, high] = [0.7, 1.5]
  while (high - low > 1e-4) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3]
    if (latticeEnergy(scaled(crystal, a)) < latticeEnergy(scaled(crystal, b))) high = b
    else low = a
  }
  return (low + high) / 2
}

describe('repulsiveEnergy', () => {
  const ion = (charge: number, radius: number): Ion => ({ symbol: '', element: 1, charge, radius })

  it('of two ions alone is A·exp((r_i + r_j − r)/ρ), with their periodic images far away', () => {
    // A = (M/6)·k·|q_i q_j|·ρ/(r_i + r_j)², M = 1.747565, ρ = 0.32 Å.
    const box = (r: number) =>
      structure({
        lattice: [
          [40, 0, 0],
          [0, 40, 0],
          [0, 0, 40],
        ],
        frac: [
          [0, 0, 0],
          [r / 40, 0, 0],
        ],
        species: [1, 1],
      })
    const ions = [ion(2, 0.8), ion(-1, 1.7)]
    const strength = ((1.747565 / 6) * COULOMB * 2 * 0.32) / 2.5 ** 2
    for (const r of [1.9, 2.5, 3.4]) {
      expect(repulsiveEnergy(box(r), ions)).toBeCloseTo(strength * Math.exp((2.5 - r) / 0.32), 12)
    }
  })

  it('agrees with a direct sum over a large box of images', () => {
    const crystal = structure({
      lattice: [
        [3.1, 0.2, -0.4],
        [0.9, 3.6, 0.3],
        [-1.2, 0.5, 4.2],
      ],
      frac: [
        [0.1, 0.2, 0.3],
        [0.55, 0.71, 0.86],
        [0.9, 0.35, 0.6],
      ],
      species: [1, 1, 1],
    })
    const ions = [ion(2, 0.7), ion(-1, 1.4), ion(-1, 1.2)]
    let sum = 0
    const range = 6
    ions.forEach((a, i) => {
      ions.forEach((b, j) => {
        for (let n1 = -range; n1 <= range; n1++)
          for (let n2 = -range; n2 <= range; n2++)
            for (let n3 = -range; n3 <= range; n3++) {
              if (i === j && n1 === 0 && n2 === 0 && n3 === 0) continue
              const f = [n1, n2, n3].map((n, m) => crystal.frac[j][m] - crystal.frac[i][m] + n)
              const r = Math.hypot(
                ...[0, 1, 2].map((x) => f.reduce((s, v, m) => s + v * crystal.lattice[m][x], 0)),
              )
              const contact = a.radius + b.radius
              const strength =
                ((1.747565 / 6) * COULOMB * Math.abs(a.charge * b.charge) * 0.32) / contact ** 2
              sum += 0.5 * strength * Math.exp((contact - r) / 0.32)
            }
      })
    })
    // The table stops where a pair has decayed to exp(−16) = 1e-7 of a contact.
    expect(Math.abs(repulsiveEnergy(crystal, ions) / sum - 1)).toBeLessThan(1e-6)
  })
})

describe('latticeEnergy', () => {
  // r₊ + r₋ from Shannon's radii; the nearest distances that are measured: 2.820, 3.147, 2.106, 2.405, 2.365 Å.
  it.each([
    ['rock-salt', 'NaCl', 2.83],
    ['rock-salt', 'KCl', 3.19],
    ['rock-salt', 'MgO', 2.12],
    ['rock-salt', 'CaO', 2.4],
    ['fluorite', 'CaF2', 2.33],
  ])('is lowest near the sum of the radii: %s %s', (type, formula, contact) => {
    const crystal = compound(type, formula)
    const a = crystal.lattice[1][0] * 2
    const nearest = type === 'fluorite' ? (a * Math.sqrt(3)) / 4 : a / 2
    expect(nearest).toBeCloseTo(contact, 10)
    // Not at it: the oxide ions of MgO, for one, overlap when they touch the small cation.
    expect(Math.abs(equilibrium(crystal) - 1)).toBeLessThan(0.08)
  })

  it.each([
    // Born–Haber lattice energies in kJ/mol (CRC Handbook, "Lattice Energies"): the model has no fitted number for them.
    ['rock-salt', 'NaCl', -787, 2],
    ['rock-salt', 'KCl', -715, 2],
    ['rock-salt', 'MgO', -3795, 2],
    ['rock-salt', 'CaO', -3414, 2],
    ['fluorite', 'CaF2', -2651, 3],
  ])('is within 6 %% of the measured one: %s %s %f kJ/mol', (type, formula, measured, ions) => {
    const crystal = compound(type, formula)
    const energy = latticeEnergy(scaled(crystal, equilibrium(crystal)))
    const KJ_MOL_PER_EV = 96.4853
    expect(Math.abs((energy * ions * KJ_MOL_PER_EV) / measured - 1)).toBeLessThan(0.06)
  })

  it('rises steeply on compression and goes to zero on expansion', () => {
    const crystal = compound('rock-salt', 'NaCl')
    const at = (factor: number) => latticeEnergy(scaled(crystal, factor))
    expect(at(0.6)).toBeGreaterThan(0)
    expect(at(1.5)).toBeGreaterThan(at(1.2))
    // Only the Madelung energy is left: −M·k/d per formula, half of it per atom.
    expect(at(10) / ((-1.747564594633 * COULOMB) / 28.3 / 2)).toBeCloseTo(1, 9)
  })

  it('names an element without a radius', () => {
    const crystal = structure({ ...compound('rock-salt', 'NaCl'), species: [11, 18] })
    expect(() => latticeEnergy(crystal)).toThrow(ElementError)
    expect(() => ionsOf(crystal)).toThrow(/site 2: no ionic radius for atomic number 18; known are Li Na K/)
  })
})
