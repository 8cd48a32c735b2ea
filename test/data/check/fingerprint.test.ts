// Fingerprints: the same for every description of a crystal, different for different crystals.

import { describe, expect, it } from 'vitest'
import { toPrimitive } from '../../../src/crystal/standardise.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { alike, fingerprint } from '../../../src/data/check/fingerprint.ts'
import { twins } from '../../../src/data/check/twins.ts'
import { random } from '../../../src/math/random/xoshiro.ts'

const cubic = (a: number) => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
]
const FACES = [
  [0, 0, 0],
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
]
const shifted = (by: number) => FACES.map((row) => row.map((x) => x + by))

/** Published cells. */
const SALT = structure({
  lattice: cubic(5.64),
  frac: [...FACES, ...shifted(0.5)],
  species: [...Array(4).fill(11), ...Array(4).fill(17)],
})
/** The same atoms where zincblende has them. */
const BLENDE = structure({
  lattice: cubic(5.64),
  frac: [...FACES, ...shifted(0.25)],
  species: [...Array(4).fill(11), ...Array(4).fill(17)],
})

const ROUNDING = 1e-9

/** Another cell, origin, orientation and order of the same crystal. */
function redescribed({ lattice, frac, species }: Structure, seed: number): Structure {
  const dice = random(seed)
  const [a, b, c] = lattice
  const sum = (u: readonly number[], v: readonly number[], k: number) => u.map((x, i) => x + k * v[i])
  // Rows a, b + a, 2c: a doubled cell. Fractional coordinates follow from r = f · L.
  const wide = [a, sum(b, a, 1), c.map((x) => 2 * x)]
  const cells = [0, 1].flatMap((n) =>
    frac.map((f, i) => ({ frac: [f[0] - f[1], f[1], (f[2] + n) / 2], site: species[i] })),
  )
  const origin = [dice.uniform(), dice.uniform(), dice.uniform()]
  const moved = dice.shuffle(
    cells.map(({ frac: f, site }) => ({ frac: f.map((x, k) => x + origin[k]), site })),
  )
  const [phi, psi] = [dice.between(0, 6), dice.between(0, 6)]
  const turn = ([x, y, z]: readonly number[]) => {
    const [u, v] = [x * Math.cos(phi) - y * Math.sin(phi), x * Math.sin(phi) + y * Math.cos(phi)]
    return [u, v * Math.cos(psi) - z * Math.sin(psi), v * Math.sin(psi) + z * Math.cos(psi)]
  }
  return structure({
    lattice: wide.map(turn),
    frac: moved.map((atom) => atom.frac),
    species: moved.map((atom) => atom.site),
  })
}

describe('fingerprint', () => {
  it('does not depend on cell, origin, orientation or order of atoms', async () => {
    for (const [s, crystal] of [SALT, BLENDE].entries()) {
      const print = fingerprint(crystal)
      for (let seed = 0; seed < 5; seed++) {
        expect(alike(print, fingerprint(redescribed(crystal, 10 * s + seed)), ROUNDING)).toBe(true)
      }
      expect(alike(print, fingerprint(await toPrimitive(crystal)), 1e-6)).toBe(true)
    }
  })

  it('tells structures, compositions and lengths apart', () => {
    const print = fingerprint(SALT)
    expect(alike(print, fingerprint(BLENDE), 0.01)).toBe(false)
    const swapped = structure({
      ...SALT,
      species: SALT.species.map(([{ element }]) => (element === 11 ? 19 : 17)),
    })
    expect(alike(print, fingerprint(swapped), 0.01)).toBe(false)
    const scaled = (factor: number) => fingerprint(structure({ ...SALT, lattice: cubic(5.64 * factor) }))
    expect(alike(print, scaled(1.0005), 0.01)).toBe(true)
    expect(alike(print, scaled(1.02), 0.01)).toBe(false)
  })

  it('measures the closest atoms by covalent radii, and finds two on one point', () => {
    // Na 1.66 Å, Cl 1.02 Å; nearest neighbours are half a cell edge apart.
    const { distance, ratio } = fingerprint(SALT).closest
    expect(distance).toBeCloseTo(2.82, 9)
    expect(ratio).toBeCloseTo(2.82 / 2.68, 9)
    const doubled = structure({
      lattice: cubic(5),
      frac: [
        [0.1, 0, 0],
        [0.1, 1, 0],
      ],
      species: [11, 17],
    })
    expect(fingerprint(doubled).closest).toEqual({ sites: [0, 1], distance: 0, ratio: 0 })
  })

  it('counts occupancies, and lets sites overlap that are never occupied together', () => {
    const site = (...parts: [number, number][]) =>
      parts.map(([element, occupancy]) => ({ element, occupancy }))
    const split = structure({
      lattice: cubic(4),
      frac: [
        [0, 0, 0],
        [0.02, 0, 0],
        [0.5, 0.5, 0.5],
      ],
      species: [site([55, 0.5]), site([55, 0.5]), 17],
    })
    const { closest, composition } = fingerprint(split)
    expect(closest.distance).toBeGreaterThan(3)
    expect(composition).toBe('17:0.5000 55:0.5000')
    const mixed = (x: number) =>
      fingerprint(structure({ lattice: cubic(4), frac: [[0, 0, 0]], species: [site([26, x], [28, 1 - x])] }))
    expect(alike(mixed(0.5), mixed(0.5), ROUNDING)).toBe(true)
    expect(alike(mixed(0.5), mixed(0.6), 0.01)).toBe(false)
  })
})

describe('twins', () => {
  it('groups copies, whatever their description, and chains of them', () => {
    const strained = (factor: number) => fingerprint(structure({ ...BLENDE, lattice: cubic(5.64 * factor) }))
    const prints = [
      fingerprint(SALT),
      strained(1),
      undefined,
      fingerprint(redescribed(SALT, 3)),
      strained(1.0008),
      strained(1.05),
      strained(1.0016),
    ]
    expect(twins(prints, 0.01)).toEqual([
      [1, 4, 6],
      [0, 3],
    ])
    expect(twins(prints, 1e-6)).toEqual([[0, 3]])
    expect(twins([], 0.01)).toEqual([])
  })
})
