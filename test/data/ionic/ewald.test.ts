// The Ewald sum against published Madelung constants, an independent program, and what it must not depend on.

import { describe, expect, it } from 'vitest'
import { structure } from '../../../src/crystal/structure.ts'
import { supercell } from '../../../src/crystal/supercell.ts'
import { COULOMB, electrostaticEnergy } from '../../../src/data/ionic/ewald.ts'
import { PROTOTYPES, type Role } from '../../../src/data/ionic/prototypes.ts'
import { StructureError } from '../../../src/errors.ts'
import type { Mat3 } from '../../../src/math/vectors.ts'

/** The sums neglect less than this of the energy at the default tolerance of 1e-10. */
const CONVERGED = 1e-9
/** Rounding of float64 over some thousand terms. */
const F64 = 1e-13

const relative = (a: number, b: number) => Math.abs(a / b - 1)

/** Ideal cell of a structure type with a = `a` Å, and the charges of its sites. */
function crystalOf(name: string, chargeOf: Partial<Record<Role, number>>, a = 5) {
  const prototype = PROTOTYPES.find((p) => p.name === name)
  if (!prototype) throw new Error(name)
  const crystal = structure({
    lattice: prototype.lattice.map((row) => row.map((x) => x * a)),
    frac: prototype.sites.map((s) => s.frac),
    species: prototype.sites.map(() => 1),
  })
  return { crystal, charges: prototype.sites.map((s) => chargeOf[s.role] as number) }
}

/** Random ions in cells without symmetry; the program quoted below has evaluated them too. */
const TRICLINIC = {
  crystal: structure({
    lattice: [
      [4.1, 0.3, -0.2],
      [1.9, 5.2, 0.4],
      [-1.1, 0.7, 6.3],
    ],
    frac: [
      [0.582, 0.094, 0.433],
      [0.479, 0.16, 0.735],
      [0.114, 0.391, 0.517],
      [0.431, 0.587, 0.738],
      [0.956, 0.284, 0.649],
      [0.696, 0.293, 0.001],
    ],
    species: [1, 1, 1, 1, 1, 1],
  }),
  charges: [3, 1, 2, 2, 2, -10],
}
const SKEWED = {
  crystal: structure({
    lattice: [
      [3.2, 0, 0],
      [2.9, 3.1, 0],
      [0.4, 9.5, -4.4],
    ],
    frac: [
      [0.314, 0.892, 0.585],
      [0.471, 0.773, 0.03],
      // biome-ignore lint/suspicious/noApproximativeNumericConstant: a random coordinate
      [0.707, 0.374, 0.091],
      [0.661, 0.931, 0.207],
    ],
    species: [1, 1, 1, 1],
  }),
  charges: [1, 0.5, 0.5, -2],
}
const FLAT = {
  crystal: structure({
    lattice: [
      [11.0, 0, 0],
      [0, 3.0, 0],
      [0, 0, 2.8],
    ],
    frac: [
      [0.722, 0.219, 0.83],
      [0.658, 0.683, 0.82],
      [0.429, 0.759, 0.878],
      [0.102, 0.85, 0.394],
      [0.48, 0.146, 0.698],
    ],
    species: [1, 1, 1, 1, 1],
  }),
  charges: [-2, -2, 2, 2, 0],
}

const ONE = { A: 1, X: -1 }

describe('Madelung constants', () => {
  // M in E = −M·k·|z₊z₋|/d per formula unit, d the shortest distance. NaCl, CsCl, ZnS: OEIS A085469, A181152, A182566.
  // Fluorite obeys 2·M = M(CsCl) + 2·M(ZnS). Wurtzite with c/a = √(8/3), u = 3/8. To the digits that are published.
  const published: [
    name: string,
    constant: number,
    charges: typeof ONE,
    d: number,
    units: number,
    digits: number,
  ][] = [
    ['rock-salt', 1.747564594633, ONE, 1 / 2, 1, 12],
    ['caesium-chloride', 1.76267477307, ONE, Math.sqrt(3) / 2, 1, 11],
    ['zinc-blende', 1.638055053389, ONE, Math.sqrt(3) / 4, 1, 12],
    ['wurtzite', 1.641322, ONE, Math.sqrt(3 / 8), 2, 6],
    ['fluorite', (1.76267477307 + 2 * 1.638055053389) / 2, { A: 2, X: -1 }, Math.sqrt(3) / 4, 1, 11],
    ['antifluorite', (1.76267477307 + 2 * 1.638055053389) / 2, { A: 1, X: -2 }, Math.sqrt(3) / 4, 1, 11],
  ]
  it.each(published)('%s %f', (name, constant, charges, d, units, digits) => {
    const { crystal, charges: q } = crystalOf(name, charges)
    const energy = electrostaticEnergy(crystal, q, { tolerance: 1e-15 })
    const found = (-energy * 5 * d) / (COULOMB * units * Math.abs(charges.A * charges.X))
    expect(Math.abs(found - constant)).toBeLessThan(0.6 * 10 ** -digits)
  })
})

describe('against an independent program', () => {
  // Energy per atom in e²/(4πε₀·a), by EwaldSummation of pymatgen 2026.10.24 with both cutoffs at 1e-18, for cells that
  // it built from the space group and the Wyckoff positions: a check of the coordinates in prototypes.ts as well.
  const spaceGroups: [name: string, group: string, charges: Partial<Record<Role, number>>, energy: number][] =
    [
      ['rock-salt', 'Fm-3m', ONE, -1.747564594633],
      ['caesium-chloride', 'Pm-3m', ONE, -1.017680754726],
      ['zinc-blende', 'F-43m', ONE, -1.891463052043],
      ['wurtzite', 'P6_3mc', ONE, -1.340133496952],
      ['nickel-arsenide', 'P6_3/mmc', ONE, -1.222351607338],
      ['fluorite', 'Fm-3m', { A: 2, X: -1 }, -3.878858409026],
      ['antifluorite', 'Fm-3m', { A: 1, X: -2 }, -3.878858409026],
      ['cuprite', 'Pn-3m', { A: 1, X: -2 }, -3.419819011025],
      ['rutile', 'P4_2/mnm', { A: 2, X: -1 }, -3.753819464821],
      ['cadmium-iodide', 'P-3m1', { A: 2, X: -1 }, -2.087579970795],
      ['corundum', 'R-3c', { A: 3, X: -2 }, -12.487636455908],
      ['rhenium-trioxide', 'Pm-3m', { A: 3, X: -1 }, -4.476989681765],
      ['bismuth-trifluoride', 'Fm-3m', { A: 3, X: -1 }, -5.530490698719],
      ['perovskite', 'Pm-3m', { A: 1, B: 2, X: -1 }, -2.475493605668],
      ['spinel', 'Fd-3m', { A: 2, B: 3, X: -2 }, -18.970699077502],
      ['alpha-sodium-ferrite', 'R-3m', { A: 1, B: 3, X: -2 }, -5.453760579394],
      ['chalcopyrite', 'I-42d', { A: 1, B: 3, X: -2 }, -8.144491468991],
    ]
  it.each(spaceGroups)('%s, %s', (name, _, chargeOf, expected) => {
    const { crystal, charges } = crystalOf(name, chargeOf)
    const energy = (electrostaticEnergy(crystal, charges) * 5) / COULOMB / charges.length
    expect(relative(energy, expected)).toBeLessThan(CONVERGED)
  })
  it('leaves no structure type out', () => {
    expect(spaceGroups.map(([name]) => name)).toEqual(PROTOTYPES.map((p) => p.name))
  })

  // eV, with its k in eV·Å.
  const K = 14.399645468667815
  it.each([
    ['triclinic', TRICLINIC, -340.0689311926937],
    ['skewed and left-handed', SKEWED, -26.46634103984412],
    ['flat, repulsive', FLAT, 116.93123054455305],
  ])('%s', (_, { crystal, charges }, expected) => {
    expect(relative(electrostaticEnergy(crystal, charges) / COULOMB, expected / K)).toBeLessThan(CONVERGED)
  })
})

describe('the energy does not depend on', () => {
  const { crystal, charges } = TRICLINIC
  const energy = electrostaticEnergy(crystal, charges)
  const { lattice, frac, species } = crystal

  it('the splitting into real and reciprocal parts', () => {
    for (const alpha of [0.15, 0.3, 0.5, 0.8, 1.2]) {
      const other = electrostaticEnergy(crystal, charges, { alpha, tolerance: 1e-15 })
      expect(relative(other, energy)).toBeLessThan(CONVERGED)
    }
  })

  it('the tolerance, beyond what it promises', () => {
    const exact = electrostaticEnergy(crystal, charges, { tolerance: 1e-16 })
    for (const tolerance of [1e-4, 1e-6, 1e-8, 1e-10]) {
      const found = electrostaticEnergy(crystal, charges, { tolerance })
      expect(relative(found, exact)).toBeLessThan(10 * tolerance)
    }
  })

  it('the cell that describes the crystal', () => {
    const matrices: Mat3[] = [
      [
        [2, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      [
        [1, 1, 0],
        [-1, 1, 0],
        [0, 2, 1],
      ],
      [
        [1, 3, -2],
        [0, 1, 4],
        [0, 0, 1],
      ],
      [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
      ],
    ]
    for (const matrix of matrices) {
      const larger = supercell(crystal, matrix)
      const copies = larger.frac.length / frac.length
      const repeated = charges.flatMap((q) => Array(copies).fill(q))
      expect(relative(electrostaticEnergy(larger, repeated), copies * energy)).toBeLessThan(CONVERGED)
    }
  })

  it('a rotation, a shift, whole lattice vectors, or the order of the sites', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    const rotated = lattice.map(([x, y, z]) => [
      c * x - s * y,
      (s * x + c * y) * c - z * s,
      (s * x + c * y) * s + z * c,
    ])
    expect(
      relative(electrostaticEnergy(structure({ lattice: rotated, frac, species }), charges), energy),
    ).toBeLessThan(F64)
    const shifted = frac.map(([x, y, z], i) => [x + 0.37 + i, y - 0.11 - 2 * i, z + 5])
    expect(
      relative(electrostaticEnergy(structure({ lattice, frac: shifted, species }), charges), energy),
    ).toBeLessThan(F64)
    const reversed = structure({ lattice, frac: [...frac].reverse(), species })
    expect(relative(electrostaticEnergy(reversed, [...charges].reverse()), energy)).toBeLessThan(F64)
  })

  it('scales with charges squared and the inverse length', () => {
    const doubled = electrostaticEnergy(
      crystal,
      charges.map((q) => -2 * q),
    )
    expect(relative(doubled, 4 * energy)).toBeLessThan(F64)
    const larger = structure({ lattice: lattice.map((row) => row.map((x) => 3 * x)), frac, species })
    expect(relative(electrostaticEnergy(larger, charges), energy / 3)).toBeLessThan(CONVERGED)
  })
})

describe('is refused:', () => {
  const { crystal } = crystalOf('rock-salt', ONE)
  it('a charged cell', () => {
    expect(() => electrostaticEnergy(crystal, [1, -2])).toThrow(StructureError)
    expect(() => electrostaticEnergy(crystal, [1, -2])).toThrow(
      'charge of -1 e; a periodic crystal must be neutral',
    )
    expect(() => electrostaticEnergy(crystal, [Number.NaN, 1])).toThrow('charge of NaN e')
  })
  it('another number of charges', () => {
    expect(() => electrostaticEnergy(crystal, [0])).toThrow('1 charges for 2 sites')
  })
  it('two ions at one place, also across the cell border', () => {
    const frac = [
      [0.2, 0, 0],
      [0.2, 1, -2],
    ]
    const collapsed = structure({ lattice: crystal.lattice, frac, species: [1, 1] })
    expect(() => electrostaticEnergy(collapsed, [1, -1])).toThrow('sites 1 and 2 are at the same place')
  })
})
