// Structure types and the compounds that are made of them.

import { describe, expect, it } from 'vitest'
import { compoundsOf } from '../../../src/data/ionic/compounds.ts'
import { ideal } from '../../../src/data/ionic/generate.ts'
import { ANIONS, CATIONS, ionsOf } from '../../../src/data/ionic/ions.ts'
import { PROTOTYPES } from '../../../src/data/ionic/prototypes.ts'
import { neighbourTable } from '../../../src/periodic/neighbours.ts'

/** Distances from every cation of a crystal to the anions around it, ascending. */
function anionDistances(
  crystal: ReturnType<typeof ideal>,
): { charge: number; symbol: string; distances: number[] }[] {
  const ions = ionsOf(crystal)
  const { offsets, neighbour, displacement } = neighbourTable(crystal, { kind: 'sphere', radius: 6 })
  return ions.flatMap((ion, i) => {
    if (ion.charge < 0) return []
    const distances: number[] = []
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      if (ions[neighbour[image]].charge > 0) continue
      distances.push(Math.hypot(...displacement.subarray(3 * image, 3 * image + 3)))
    }
    return [{ charge: ion.charge, symbol: ion.symbol, distances: distances.sort((a, b) => a - b) }]
  })
}

describe.each(PROTOTYPES.map((p) => [p.name, p] as const))('%s', (_, prototype) => {
  const compounds = compoundsOf(prototype)

  it('surrounds its cations by as many anions as it says', () => {
    const { ionOf, ...rest } = compounds[0]
    const surroundings = anionDistances(ideal({ ionOf, ...rest }))
    for (const [c, role] of (['A', 'B'] as const).slice(0, prototype.coordination.length).entries()) {
      const { distances } = surroundings.find((s) => s.symbol === ionOf.get(role)?.symbol) as {
        distances: number[]
      }
      // Octahedra of rutile, corundum and spinel are distorted by a few per cent; the next shell is far beyond.
      const shell = distances.filter((d) => d < 1.12 * distances[0]).length
      expect(shell).toBe(prototype.coordination[c])
    }
  })

  it('takes only neutral compounds, each once, with the tightest cation in contact', () => {
    expect(compounds.length).toBeGreaterThan(0)
    const keys = compounds.map((c) => [...c.ionOf].map(([role, ion]) => `${role}${ion.symbol}`).join())
    expect(new Set(keys).size).toBe(keys.length)
    for (const compound of compounds) {
      const crystal = ideal(compound)
      const ions = ionsOf(crystal)
      expect(ions.reduce((q, ion) => q + ion.charge, 0)).toBe(0)
    }
    for (const compound of compounds.slice(0, 10)) {
      const anion = compound.ionOf.get('X')?.radius as number
      const slack = anionDistances(ideal(compound)).map(({ symbol, distances }) => {
        const radius = CATIONS.find((ion) => ion.symbol === symbol)?.radius as number
        return distances[0] / (radius + anion)
      })
      expect(Math.min(...slack)).toBeCloseTo(1, 9)
      expect(Math.max(...slack)).toBeLessThan(1 / 0.88 + 1e-9)
    }
  })
})

describe('compounds', () => {
  const formulas = (name: string) =>
    PROTOTYPES.filter((p) => p.name === name).flatMap((p) => compoundsOf(p).map((c) => c.formula))

  it('include the ones that name or exemplify the types', () => {
    const examples = {
      'rock-salt': 'NaCl',
      'caesium-chloride': 'CsCl',
      'zinc-blende': 'ZnS',
      wurtzite: 'BeO',
      fluorite: 'CaF2',
      antifluorite: 'Li2O',
      cuprite: 'Cu2O',
      rutile: 'TiO2',
      'cadmium-iodide': 'CdI2',
      corundum: 'Al2O3',
      'rhenium-trioxide': 'AlF3',
      'bismuth-trifluoride': 'BiF3',
      perovskite: 'KMgF3',
      spinel: 'MgAl2O4',
      'alpha-sodium-ferrite': 'NaCrO2',
      chalcopyrite: 'CuGaS2',
    }
    for (const [name, formula] of Object.entries(examples)) expect(formulas(name)).toContain(formula)
    expect(formulas('perovskite')).toContain('BaTiO3')
    expect(formulas('caesium-chloride')).not.toContain('LiI')
  })

  it('have ions of one charge an element', () => {
    const elements = [...CATIONS, ...ANIONS].map((ion) => ion.element)
    expect(new Set(elements).size).toBe(elements.length)
    expect(CATIONS.every((ion) => ion.charge > 0) && ANIONS.every((ion) => ion.charge < 0)).toBe(true)
  })
})
