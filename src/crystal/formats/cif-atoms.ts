// The atom list of a CIF data block: element, coordinates and occupancy of every row of `_atom_site_`.
// Not here: symmetry.

import { ParseError } from '../../errors.ts'
import type { Vec3 } from '../../math/vectors.ts'
import { atomicNumber, elementOfLabel, elementOfSymbol } from '../elements.ts'
import type { ListedAtom } from '../symmetry/expand.ts'
import type { CifBlock } from './cif-syntax.ts'
import { parseNumber, type ReadContext } from './reading.ts'

const FRACT = ['_atom_site_fract_x', '_atom_site_fract_y', '_atom_site_fract_z']

/** Whether a block lists atoms at all; blocks of text or powder data do not. */
export function listsAtoms(block: CifBlock): boolean {
  return block.columns.has(FRACT[0])
}

/**
 * The rows of the atom list that place an atom. Left out, with a warning: rows without coordinates, with zero occupancy,
 * and calculated dummy positions.
 * @throws ParseError naming line and value of what cannot be read.
 */
export function listedAtoms(block: CifBlock, context: ReadContext, warnings: string[]): ListedAtom[] {
  const [xs, ys, zs] = FRACT.map((tag) => {
    const column = block.columns.get(tag)
    if (column === undefined) throw fail(`data block ${block.name} has no ${tag}`, block.line)
    if (column.ragged !== undefined) throw fail('the loop of atom sites has an incomplete row', column.ragged)
    return column
  })
  const types = block.columns.get('_atom_site_type_symbol')
  const labels = block.columns.get('_atom_site_label')
  const occupancies = block.columns.get('_atom_site_occupancy')
  const flags = block.columns.get('_atom_site_calc_flag')
  const hydrogens = block.columns.get('_atom_site_attached_hydrogens')
  if (types === undefined && labels === undefined) {
    throw fail(
      'the atoms have neither _atom_site_type_symbol nor _atom_site_label',
      xs.lines[0] ?? block.line,
    )
  }
  const present = elementsOfFormula(block)
  const atoms: ListedAtom[] = []
  const left = {
    coordinates: [] as string[],
    occupancy: [] as string[],
    dummy: [] as string[],
    hydrogen: [] as string[],
  }
  for (let i = 0; i < xs.values.length; i++) {
    const line = xs.lines[i]
    const name = labels?.values[i] ?? types?.values[i] ?? `atom ${i + 1}`
    const coordinates = [xs.values[i], ys.values[i], zs.values[i]]
    if (flags?.values[i] === 'dum') left.dummy.push(name)
    else if (coordinates.includes(undefined)) left.coordinates.push(name)
    else {
      const occupancy = number(occupancies?.values[i] ?? '1', '_atom_site_occupancy', line)
      if (occupancy < 0) throw fail(`occupancy ${occupancy} of ${name} is negative`, line)
      const frac = coordinates.map((text, k) => number(text!, FRACT[k], line)) as unknown as Vec3
      const element = elementOf(types?.values[i], labels?.values[i], present)
      if (element === undefined) throw fail(`${JSON.stringify(name)} stands for no element`, line)
      if (occupancy === 0) left.occupancy.push(name)
      else {
        if (Number(hydrogens?.values[i]) > 0) left.hydrogen.push(name)
        if (occupancy > 1.01) warnings.push(`line ${line}: occupancy ${occupancy} of ${name} is taken as 1`)
        atoms.push({ frac, element, occupancy: Math.min(1, occupancy), label: `${name} (line ${line})` })
      }
    }
  }
  if (left.coordinates.length > 0) warnings.push(`without coordinates, left out: ${some(left.coordinates)}`)
  if (left.occupancy.length > 0) warnings.push(`with occupancy 0, left out: ${some(left.occupancy)}`)
  if (left.dummy.length > 0) warnings.push(`dummy positions, left out: ${some(left.dummy)}`)
  if (left.hydrogen.length > 0)
    warnings.push(`hydrogen without coordinates is attached to ${some(left.hydrogen)}`)
  return atoms

  function number(text: string, tag: string, line: number): number {
    const value = parseNumber(text.trim()) ?? ratio(text)
    if (value === undefined) throw fail(`${tag} ${JSON.stringify(text.slice(0, 40))} is not a number`, line)
    return value
  }
  function fail(message: string, line: number | undefined): ParseError {
    return new ParseError(message, { file: context.file, line })
  }
}

/** `1/3`, as written by hand. */
function ratio(text: string): number | undefined {
  const [, p, q] = /^\s*([+-]?\d{1,3})\/(\d{1,3})\s*$/.exec(text) ?? []
  return q === undefined || Number(q) === 0 ? undefined : Number(p) / Number(q)
}

function elementOf(
  type: string | undefined,
  label: string | undefined,
  present: ReadonlySet<number> | undefined,
) {
  const symbol = type === undefined ? undefined : elementOfSymbol(type)
  if (symbol !== undefined) return symbol
  if (type !== undefined && /^(?:x|vac|du|dum)$/i.test(type.trim())) return undefined
  const fromType = type === undefined ? undefined : elementOfLabel(type, present)
  return fromType ?? (label === undefined ? undefined : elementOfLabel(label, present))
}

/** Elements that the block says the compound has; they decide what an ambiguous label such as CA1 or Ho1 means. */
function elementsOfFormula(block: CifBlock): ReadonlySet<number> | undefined {
  const formula = block.columns.get('_chemical_formula_sum')?.values[0]
  if (formula === undefined || formula.length > 2000) return undefined
  const symbols = [...formula.matchAll(/[A-Z][a-z]?/g)].map(([symbol]) => atomicNumber(symbol))
  const known = symbols.filter((z) => z !== undefined)
  return known.length > 0 && known.length === symbols.length ? new Set(known) : undefined
}

function some(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}
