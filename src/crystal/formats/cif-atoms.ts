// The atom list of a CIF data block: who sits where, in every row of `_atom_site_`. Not here: symmetry; what a symbol
// stands for (cif-species.ts); Cartesian coordinates (cif-cartesian.ts).

import { ParseError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import type { ListedAtom } from '../symmetry/expand.ts'
import { CARTESIAN, fractionalOfSites } from './cif-cartesian.ts'
import { presentElements, type RowSpecies, speciesReader } from './cif-species.ts'
import type { CifBlock, CifColumn } from './cif-syntax.ts'
import type { ReadContext } from './format.ts'
import { parseNumber } from './reading.ts'

const FRACT = ['_atom_site_fract_x', '_atom_site_fract_y', '_atom_site_fract_z']

/** A row of the list, and what it says of its site. */
export interface CifAtom extends ListedAtom {
  /** Images in the cell, where the row says how many. */
  readonly multiplicity?: number
  /** Letter of its Wyckoff position. */
  readonly wyckoff?: string
}

/** Whether a block lists atoms at all; blocks of text or powder data do not. */
export function listsAtoms(block: CifBlock): boolean {
  return block.columns.has(FRACT[0]) || block.columns.has(CARTESIAN[0])
}

/**
 * The rows of the atom list that place an atom, one for each of the elements that share it. Left out, with a warning: rows
 * without coordinates, with zero occupancy, of a second model, and calculated dummy positions.
 * @throws ParseError naming line and value of what cannot be read.
 */
export function listedAtoms(
  block: CifBlock,
  lattice: Mat3,
  context: ReadContext,
  warnings: string[],
): CifAtom[] {
  const given = FRACT.every((tag) => block.columns.get(tag)?.values.some((v) => v !== undefined))
  const tags = given || !block.columns.has(CARTESIAN[0]) ? FRACT : CARTESIAN
  const [xs, ys, zs] = tags.map((tag) => columnOf(tag))
  const toFractional = tags === FRACT ? undefined : fractionalOfSites(block, lattice, context)
  const of = (name: string) => block.columns.get(`_atom_site_${name}`)
  const types = of('type_symbol')
  const labels = of('label') ?? of('label_atom_id')
  const occupancies = of('occupancy')
  const multiplicities = of('symmetry_multiplicity') ?? of('site_symmetry_multiplicity')
  const wyckoff = of('wyckoff_symbol') ?? of('wyckoff_label')
  const models = of('pdbx_pdb_model_num')
  const calculated = of('calc_flag')
  const hydrogens = of('attached_hydrogens')
  if (types === undefined && labels === undefined) {
    throw fail(
      'the atoms have neither _atom_site_type_symbol nor _atom_site_label',
      xs.lines[0] ?? block.line,
    )
  }
  const speciesOf = speciesReader(presentElements(block))
  const atoms: CifAtom[] = []
  const assumed = new Map<string, number>()
  const left = new Map<string, string[]>()
  const leave = (why: string, name: string) => {
    const names = left.get(why)
    if (names === undefined) left.set(why, [name])
    else names.push(name)
  }
  for (let i = 0; i < xs.values.length; i++) {
    const line = xs.lines[i]
    const name = labels?.values[i] ?? types?.values[i] ?? `atom ${i + 1}`
    const [x, y, z] = [xs.values[i], ys.values[i], zs.values[i]]
    if (calculated?.values[i] === 'dum') leave('dummy positions, left out', name)
    else if (models !== undefined && models.values[i] !== models.values[0])
      leave('of further models, left out', name)
    else if (x === undefined || y === undefined || z === undefined)
      leave('without coordinates, left out', name)
    else {
      const occupancy = number(occupancies?.values[i] ?? '1', '_atom_site_occupancy', line)
      if (occupancy < 0) throw fail(`occupancy ${occupancy} of ${name} is negative`, line)
      const place: Vec3 = [number(x, tags[0], line), number(y, tags[1], line), number(z, tags[2], line)]
      const species = speciesOf(types?.values[i], labels?.values[i])
      if (typeof species === 'string') {
        throw fail(`${JSON.stringify(types?.values[i] ?? name)} ${species}`, line)
      }
      if (species.assumed !== undefined && !assumed.has(species.assumed)) assumed.set(species.assumed, line)
      if (occupancy === 0) {
        leave('with occupancy 0, left out', name)
        continue
      }
      if (Number(hydrogens?.values[i]) > 0) leave('hydrogen without coordinates is attached to', name)
      const row = {
        frac: toFractional ? toFractional(place) : place,
        label: `${name} (line ${line})`,
        ...positionOf(multiplicities?.values[i], wyckoff?.values[i]),
      }
      for (const share of sharesOfRow(species, occupancy, line)) atoms.push({ ...row, ...share })
    }
  }
  const said = [...assumed].map(([what, line]) => `line ${line}: ${what}`)
  warnings.push(
    ...(said.length > 6 ? [...said.slice(0, 5), `${said.length - 5} more names are taken so`] : said),
  )
  for (const [why, names] of left) warnings.push(`${why}${why.endsWith('to') ? '' : ':'} ${some(names)}`)
  return atoms

  function columnOf(tag: string): CifColumn {
    const column = block.columns.get(tag)
    if (column === undefined) throw fail(`data block ${block.name} has no ${tag}`, block.line)
    if (column.ragged !== undefined) throw fail('the loop of atom sites has an incomplete row', column.ragged)
    return column
  }
  /** Shares that a symbol gives are those of the site, or, where they make one, those of its occupancy. */
  function sharesOfRow({ elements, shares }: RowSpecies, occupancy: number, line: number) {
    if (shares === undefined) return [{ element: elements[0], occupancy }]
    const total = shares.reduce((sum, share) => sum + share.occupancy, 0)
    if (Math.abs(total - occupancy) < SAME_SHARE || occupancy === 1) return shares
    if (Math.abs(total - 1) < SAME_SHARE) {
      return shares.map((share) => ({ ...share, occupancy: share.occupancy * occupancy }))
    }
    throw fail(`shares that add up to ${total.toFixed(3)} on a site of occupancy ${occupancy}`, line)
  }
  function number(text: string, tag: string, line: number): number {
    const value = parseNumber(text) ?? parseNumber(text.trim()) ?? ratio(text)
    if (value === undefined) throw fail(`${tag} ${JSON.stringify(text.slice(0, 40))} is not a number`, line)
    return value
  }
  function fail(message: string, line: number | undefined): ParseError {
    return new ParseError(message, { file: context.file, line })
  }
}

/** Rounding of shares. */
const SAME_SHARE = 5e-3

/** What a row says of its Wyckoff position, which may have its multiplicity before its letter: `8a`. */
function positionOf(
  multiplicity: string | undefined,
  wyckoff: string | undefined,
): Pick<CifAtom, 'multiplicity' | 'wyckoff'> {
  if (multiplicity === undefined && wyckoff === undefined) return {}
  const [, count, letter] = /^(\d*).*?([a-zA])?$/s.exec(wyckoff ?? '') ?? []
  return { multiplicity: wholeNumber(multiplicity ?? count), wyckoff: letter }
}

function wholeNumber(text: string | undefined): number | undefined {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : undefined
}

/** `1/3`, as written by hand. */
function ratio(text: string): number | undefined {
  const [, p, q] = /^\s*([+-]?\d{1,3})\/(\d{1,3})\s*$/.exec(text) ?? []
  return q === undefined || Number(q) === 0 ? undefined : Number(p) / Number(q)
}

function some(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}
