// OPTIMADE `structures` resources (https://specification.optimade.org): a response with one or many in `data`, or one
// resource alone. Disordered species and vacancies are kept as occupancies.

import type { Mat3 } from '../../math/vectors.ts'
import { fractionalOf, toCartesian } from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { formula, reducedFormula } from '../formula.ts'
import { type Occupant, type Structure, structure } from '../structure.ts'
import { elements, field, isObject, type JsonNode, mistake, number, text, vectors } from './json.ts'
import type { Found } from './reading.ts'

export function isOptimade(node: JsonNode): boolean {
  return isObject(node) && field(field(node, 'attributes'), 'lattice_vectors').value !== undefined
}

export function readOptimade(node: JsonNode, warnings: string[]): Found {
  const attributes = field(node, 'attributes')
  const lattice = vectors(field(attributes, 'lattice_vectors'), 'lattice_vectors', 3) as unknown as Mat3
  const dimensions = field(attributes, 'dimension_types')
  if (Array.isArray(dimensions.value) && !dimensions.value.includes(1)) {
    throw mistake(dimensions, 'the structure is not periodic, and only crystals can be read')
  }
  const positions = vectors(field(attributes, 'cartesian_site_positions'), 'cartesian_site_positions')
  const { species, unknown } = readSpecies(field(attributes, 'species'))
  const result = structure({
    lattice,
    frac: positions.map(fractionalOf(lattice)),
    species: elements(field(attributes, 'species_at_sites'), 'species_at_sites').map((name) => {
      const key = text(name) ?? ''
      const site = species.get(key)
      if (site !== undefined) return site
      // `species` may be left out by providers that have ordered structures only.
      const z = species.size === 0 ? elementOfSymbol(key) : undefined
      if (z === undefined) throw mistake(name, `${JSON.stringify(name.value)} is not among the species`)
      return z
    }),
    name: text(field(node, 'id')),
  })
  if (!unknown) return { structure: result }
  warnings.push('the chemical symbol X is for an unknown element; hydrogen stands in for it')
  return { structure: result, placeholders: true }
}

function readSpecies(node: JsonNode): { species: Map<string, Occupant[]>; unknown: boolean } {
  const species = new Map<string, Occupant[]>()
  let unknown = false
  if (node.value === undefined || node.value === null) return { species, unknown }
  for (const item of elements(node, 'species')) {
    const symbols = elements(field(item, 'chemical_symbols'), 'chemical_symbols')
    const concentration = field(item, 'concentration')
    const amounts = concentration.value === undefined ? undefined : elements(concentration, 'concentration')
    const occupants: Occupant[] = []
    for (const [i, symbol] of symbols.entries()) {
      if (symbol.value === 'vacancy') continue
      unknown ||= symbol.value === 'X'
      const element = symbol.value === 'X' ? 1 : elementOfSymbol(text(symbol) ?? '')
      if (element === undefined) throw mistake(symbol, `${JSON.stringify(symbol.value)} is no element`)
      const occupancy = amounts?.[i] === undefined ? 1 / symbols.length : number(amounts[i], 'concentration')
      if (occupancy > 0)
        occupants.push({ element, occupancy: Math.abs(occupancy - 1) < 1e-6 ? 1 : occupancy })
    }
    species.set(text(field(item, 'name')) ?? '', occupants)
  }
  return { species, unknown }
}

/** A response whose `data` is one structure. */
export function writeOptimade(s: Structure): string {
  const names = s.species.map((site) =>
    site.map((o) => `${symbolOf(o.element)}${o.occupancy === 1 ? '' : o.occupancy}`).join(''),
  )
  const species = new Map(names.map((name, i) => [name, s.species[i]]))
  const symbols = [...new Set(s.species.flatMap((site) => site.map((o) => symbolOf(o.element))))].sort()
  const resource = {
    id: s.name ?? reducedFormula(s),
    type: 'structures',
    attributes: {
      elements: symbols,
      nelements: symbols.length,
      chemical_formula_descriptive: formula(s),
      dimension_types: [1, 1, 1],
      nperiodic_dimensions: 3,
      lattice_vectors: s.lattice,
      cartesian_site_positions: s.frac.map((f) => toCartesian(f, s.lattice)),
      nsites: s.frac.length,
      species_at_sites: names,
      species: [...species].map(([name, site]) => {
        const vacant = 1 - site.reduce((sum, o) => sum + o.occupancy, 0)
        return {
          name,
          chemical_symbols: [...site.map((o) => symbolOf(o.element)), ...(vacant > 1e-9 ? ['vacancy'] : [])],
          concentration: [...site.map((o) => o.occupancy), ...(vacant > 1e-9 ? [vacant] : [])],
        }
      }),
    },
  }
  return JSON.stringify({ data: resource })
}
