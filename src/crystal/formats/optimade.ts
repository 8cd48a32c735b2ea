// OPTIMADE `structures` resources (https://specification.optimade.org): a response with one or many in `data`, or one
// resource alone. Disordered species and vacancies are kept as occupancies.

import type { Mat3 } from '../../math/vectors.ts'
import { fractionalOf, toCartesian } from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { formula, reducedFormula } from '../formula.ts'
import { siteOf } from '../occupancy.ts'
import { checkPeriodicity } from '../periodicity.ts'
import { type Occupant, type Site, type Structure, structure } from '../structure.ts'
import type { Found, JsonFormat } from './format.ts'
import { elements, field, isObject, type JsonNode, mistake, number, text, vectors } from './json.ts'

export const optimade: JsonFormat<'optimade'> = {
  name: 'optimade',
  title: 'OPTIMADE',
  fields: 'attributes.lattice_vectors',
  matches: isOptimade,
  structureOf: readOptimade,
  write: writeOptimade,
}

function isOptimade(node: JsonNode): boolean {
  return isObject(node) && field(field(node, 'attributes'), 'lattice_vectors').value !== undefined
}

function readOptimade(node: JsonNode, warnings: string[]): Found {
  const warn = (message: string) => warnings.push(message)
  const attributes = field(node, 'attributes')
  checkDimensions(attributes, warn)
  const lattice = vectors(field(attributes, 'lattice_vectors'), 'lattice_vectors', 3) as unknown as Mat3
  const positions = vectors(field(attributes, 'cartesian_site_positions'), 'cartesian_site_positions')
  const { species, unknown } = readSpecies(field(attributes, 'species'), warn)
  const shares = sharesOfAssemblies(field(attributes, 'assemblies'), positions.length, warn)
  const features = field(attributes, 'structure_features').value
  if (shares === undefined && Array.isArray(features) && features.includes('assemblies')) {
    throw mistake(attributes, 'structure_features has assemblies, but there is no field assemblies')
  }
  const names = elements(field(attributes, 'species_at_sites'), 'species_at_sites')
  if (names.length !== positions.length) {
    throw mistake(attributes, `${names.length} species_at_sites for ${positions.length} positions`)
  }
  const count = field(attributes, 'nsites').value
  if (typeof count === 'number' && count !== positions.length) {
    throw mistake(field(attributes, 'nsites'), `${count} sites, but there are ${positions.length} positions`)
  }
  const sites = names.map((name, i): Site => {
    const key = text(name) ?? ''
    // `species` may be left out by providers that have ordered structures only.
    const z = species.size === 0 ? elementOfSymbol(key) : undefined
    const occupants = species.get(key) ?? (z === undefined ? undefined : [{ element: z, occupancy: 1 }])
    if (occupants === undefined) throw mistake(name, `${JSON.stringify(name.value)} is not among the species`)
    const share = shares?.get(i) ?? 1
    return siteOf(
      occupants.map((o) => ({ ...o, occupancy: o.occupancy * share })),
      `site ${i + 1}`,
      warn,
    )
  })
  const filled = sites.flatMap((site, i) => (site.length > 0 && shares?.get(i) !== 0 ? [i] : []))
  if (filled.length < sites.length)
    warn(`sites that nothing is on, left out: ${sites.length - filled.length}`)
  const result = structure({
    lattice,
    frac: filled.map((i) => fractionalOf(lattice)(positions[i])),
    species: filled.map((i) => sites[i]),
    name: text(field(node, 'id')),
  })
  if (!unknown) return { structure: result }
  warn('the chemical symbol X is for an unknown element; hydrogen stands in for it')
  return { structure: result, placeholders: true }
}

function checkDimensions(attributes: JsonNode, warn: (message: string) => void): void {
  const types = field(attributes, 'dimension_types')
  const count = field(attributes, 'nperiodic_dimensions').value
  const periodic = Array.isArray(types.value)
    ? types.value.map((type) => type === 1)
    : [1, 2, 3].map((n) => typeof count !== 'number' || n <= count)
  checkPeriodicity(
    periodic,
    Array.isArray(types.value)
      ? `dimension_types ${JSON.stringify(types.value)}`
      : `nperiodic_dimensions ${count}`,
    warn,
  )
}

/**
 * By site the probability that it is there, where sites are so in groups: one of the groups of each assembly is. Which of
 * two groups goes with which of another assembly, nobody says; nor can a cell with shares on its sites.
 */
function sharesOfAssemblies(
  node: JsonNode,
  count: number,
  warn: (message: string) => void,
): ReadonlyMap<number, number> | undefined {
  if (node.value === undefined || node.value === null) return undefined
  const shares = new Map<number, number>()
  for (const assembly of elements(node, 'assemblies')) {
    const groups = elements(field(assembly, 'sites_in_groups'), 'sites_in_groups')
    const said = elements(field(assembly, 'group_probabilities'), 'group_probabilities')
    const probabilities = said.map((p) => number(p, 'group_probabilities'))
    const total = probabilities.reduce((sum, p) => sum + p, 0)
    const isSplit = probabilities.every((p) => p >= 0) && Math.abs(total - 1) < 0.01
    if (groups.length !== probabilities.length || !isSplit) {
      const found = `${groups.length} groups with ${probabilities.join(', ') || 'none'}`
      throw mistake(assembly, `expected a probability for each group, 1 in sum; found ${found}`)
    }
    const own = new Map<number, number>()
    for (const [g, group] of groups.entries()) {
      for (const member of elements(group, 'sites_in_groups')) {
        const site = number(member, 'sites_in_groups')
        if (!(Number.isInteger(site) && site >= 0 && site < count)) {
          throw mistake(member, `site ${site} is not there: expected 0 to ${count - 1}`)
        }
        if (shares.has(site)) throw mistake(member, `site ${site} is in an assembly already`)
        own.set(site, (own.get(site) ?? 0) + probabilities[g])
      }
    }
    for (const [site, share] of own) shares.set(site, Math.min(1, share))
  }
  if (shares.size > 0) {
    warn('assemblies are taken as occupancies of their sites; which groups come together is not kept')
  }
  return shares
}

function readSpecies(
  node: JsonNode,
  warn: (message: string) => void,
): { species: Map<string, Occupant[]>; unknown: boolean } {
  const species = new Map<string, Occupant[]>()
  let unknown = false
  if (node.value === undefined || node.value === null) return { species, unknown }
  for (const item of elements(node, 'species')) {
    const symbols = elements(field(item, 'chemical_symbols'), 'chemical_symbols')
    const concentration = field(item, 'concentration')
    const amounts = concentration.value === undefined ? undefined : elements(concentration, 'concentration')
    if (amounts !== undefined && amounts.length !== symbols.length) {
      throw mistake(concentration, `${amounts.length} concentrations for ${symbols.length} chemical symbols`)
    }
    if (amounts === undefined && symbols.length > 1) {
      throw mistake(item, `${symbols.length} chemical symbols without their concentrations`)
    }
    const name = text(field(item, 'name')) ?? ''
    const attached = field(item, 'attached').value
    if (Array.isArray(attached) && attached.length > 0) {
      warn(`atoms without positions, attached to ${JSON.stringify(name)}, left out: ${attached.join(', ')}`)
    }
    const occupants: Occupant[] = []
    for (const [i, symbol] of symbols.entries()) {
      const occupancy = amounts === undefined ? 1 : number(amounts[i], 'concentration')
      if (occupancy < 0) throw mistake(amounts![i], `concentration ${occupancy} is negative`)
      if (symbol.value === 'vacancy' || occupancy === 0) continue
      unknown ||= symbol.value === 'X'
      const element = symbol.value === 'X' ? 1 : elementOfSymbol(text(symbol) ?? '')
      if (element === undefined) throw mistake(symbol, `${JSON.stringify(symbol.value)} is no element`)
      occupants.push({ element, occupancy })
    }
    species.set(name, occupants)
  }
  return { species, unknown }
}

/** A response whose `data` is one structure. */
function writeOptimade(s: Structure): string {
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
