// Extended XYZ (https://github.com/libAtoms/extxyz): one or many frames, each with a Lattice, the columns that Properties
// names in any order, and quoted values. Energies and other numbers of a frame are its labels; forces are not kept.

import { LimitError, ParseError, StructureError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { fractionalOf, toCartesian } from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { checkPeriodicity } from '../periodicity.ts'
import { isOrdered, type Site, type Structure, structure } from '../structure.ts'
import { expandSites } from '../symmetry/expand.ts'
import { IDENTITY } from '../symmetry/operation.ts'
import { sitesByKind } from './ase-occupancy.ts'
import type { FileFormat, Found, Labels, ReadContext, Reading } from './format.ts'
import { startsFrame } from './lines.ts'
import { attempt, numberAt, parseNumber } from './reading.ts'

export const extxyz: FileFormat<'extxyz'> = {
  name: 'extxyz',
  title: 'extended XYZ',
  endings: ['.xyz', '.extxyz'],
  detect: startsFrame,
  read: readExtxyz,
  write: writeExtxyz,
}

const DEFAULT_PROPERTIES = 'species:S:1:pos:R:3'
const SPECIES = ['species', 'symbols', 'element', 'z', 'numbers', 'atomic_numbers']
const POSITIONS = ['pos', 'positions']
/** Shares of sites, by atom. */
const OCCUPANCIES = ['occupancy', 'occupancies', 'occ', 'site_occupancy']
/** Of which kind a site is; what each kind holds stands in the comment. */
const KIND = 'spacegroup_kinds'

/** A frame that cannot be read does not stop the next, unless its first line does not say how long it is. */
function* readExtxyz(text: string, context: ReadContext): Generator<Reading> {
  let line = context.linesBefore + 1
  for (let at = 0; at < text.length; ) {
    const first = lineAt(text, at)
    if (first.trim() === '') {
      at += first.length + 1
      line++
      continue
    }
    const atoms = /^\s*\d{1,9}\s*$/.test(first) ? Number(first) : 0
    if (atoms === 0) {
      const message = `expected the number of atoms of a frame, found ${quote(first)}`
      yield { error: new ParseError(message, { file: context.file, line }), warnings: [] }
      return
    }
    const frame = { text, start: at, line, atoms }
    yield attempt(context, line, (warnings) => readFrame(frame, context, warnings))
    at = afterLines(text, at, atoms + 2)
    line += atoms + 2
  }
}

/** The line that begins at `at`, without its end. */
function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at)
  return text.slice(at, end === -1 ? text.length : end)
}

/** Where the line begins that so many lines stand before, from `at` on. */
function afterLines(text: string, at: number, lines: number): number {
  let next = at
  for (let n = 0; n < lines && next < text.length; n++) {
    const end = text.indexOf('\n', next)
    next = end === -1 ? text.length : end + 1
  }
  return next
}

/** Where a frame is: its text begins at `start`, on line `line` of the file. */
interface Frame {
  readonly text: string
  readonly start: number
  readonly line: number
  readonly atoms: number
}

function readFrame(
  { text, start, line, atoms }: Frame,
  { file, maxSites }: ReadContext,
  warnings: string[],
): Found {
  const fail = (message: string, line: number) => new ParseError(message, { file, line })
  if (atoms > maxSites) throw new LimitError(`${atoms} atoms, allowed are ${maxSites}`)
  const headerAt = afterLines(text, start, 1)
  const header = lineAt(text, headerAt)
  const info = keyValues(header, (key) =>
    warnings.push(`line ${line + 1}: ${key} is given twice; the last is used`),
  )
  const lattice = readLattice(info.get('lattice'), (message) => fail(message, line + 1))
  readPeriodicity(
    info.get('pbc'),
    (message) => warnings.push(`line ${line + 1}: ${message}`),
    (message) => fail(message, line + 1),
  )
  const columns = readProperties(info.get('properties') ?? DEFAULT_PROPERTIES, (message) =>
    fail(message, line + 1),
  )
  const toFractional = fractionalOf(lattice)
  const frac: Vec3[] = []
  const species: number[] = []
  const row = rowOf(columns)
  // A column that is not there, or not asked for, is read of no row.
  const shared = info.get('occupancy')
  const extra = columns.occupancy ?? (shared === undefined ? undefined : columns.kind)
  const extras: number[] = []
  let at = headerAt + header.length + 1
  let lastRow = at
  for (let n = 0; n < atoms; n++) {
    lastRow = at
    if (at >= text.length) {
      throw fail(`the frame has ${atoms} atoms, but the file ends after ${n}`, line)
    }
    const end = row.read(text, at)
    const { position } = columns
    const [x, y, z] = [
      row.number(text, position),
      row.number(text, position + 1),
      row.number(text, position + 2),
    ]
    if (x === undefined || y === undefined || z === undefined) {
      const found = quote(lineAt(text, at))
      throw fail(
        `expected three coordinates from column ${columns.position + 1}, found ${found}`,
        line + 2 + n,
      )
    }
    const symbol = row.species(text)
    const element = /^\d+$/.test(symbol) ? Number(symbol) : elementOfSymbol(symbol)
    if (element === undefined || element < 1 || element > 118) {
      throw fail(`${quote(symbol)} is no element`, line + 2 + n)
    }
    frac.push(toFractional([x, y, z]))
    species.push(element)
    if (extra !== undefined) {
      const value = row.number(text, extra)
      if (value === undefined) {
        throw fail(`expected a number in column ${extra + 1}, found ${quote(lineAt(text, at))}`, line + 2 + n)
      }
      extras.push(value)
    }
    const next = text.indexOf('\n', end)
    at = next === -1 ? text.length : next + 1
  }
  const words = lineAt(text, lastRow).trim().split(/\s+/).length
  if (words < columns.total) {
    throw fail(`${words} columns, Properties names ${columns.total}; is the file cut off?`, line + 1 + atoms)
  }
  const warn = (message: string) => warnings.push(`line ${line + 1}: ${message}`)
  const sites =
    columns.occupancy === undefined
      ? {
          frac,
          species: sharedByKind(species, shared, columns.kind === undefined ? undefined : extras, warn),
        }
      : sharedByColumn(lattice, { frac, species, occupancies: extras }, line + 2, maxSites, warn)
  return { structure: structure({ lattice, ...sites, name: info.get('name') }), labels: labelsOf(info) }
}

/** Sites as a column of their shares has them; atoms at one place are one site. */
function sharedByColumn(
  lattice: Mat3,
  {
    frac,
    species,
    occupancies,
  }: Record<'frac', readonly Vec3[]> & Record<'species' | 'occupancies', readonly number[]>,
  firstLine: number,
  maxSites: number,
  warn: (message: string) => void,
): { readonly frac: readonly Vec3[]; readonly species: readonly (number | Site)[] } {
  if (occupancies.every((occupancy) => occupancy === 1)) return { frac, species }
  const atoms = occupancies.map((occupancy, n) => {
    const label = `the atom on line ${firstLine + n}`
    if (occupancy < 0) throw new StructureError(`${label}: occupancy ${occupancy}, expected a number from 0`)
    return { frac: frac[n], element: species[n], occupancy, label }
  })
  const there = atoms.filter(({ occupancy }) => occupancy > 0)
  if (there.length < atoms.length)
    warn(`occupancy 0, left out: ${atoms.length - there.length} of ${atoms.length} atoms`)
  const { warnings, ...sites } = expandSites(lattice, there, [IDENTITY], maxSites)
  for (const message of warnings) warn(message)
  return { frac: sites.frac, species: sites.species }
}

/** Sites as ASE keeps them of a disordered file. @param kinds by atom, where there is such a column */
function sharedByKind(
  species: readonly number[],
  shared: string | undefined,
  kinds: readonly number[] | undefined,
  warn: (message: string) => void,
): readonly (number | Site)[] {
  const sites = shared === undefined ? undefined : sitesByKind(species, jsonOf(shared), kinds, warn)
  return sites ?? species
}

/** What ASE writes of a value that the format has no form for; undefined for anything else. */
function jsonOf(text: string): unknown {
  const json = /^_JSON\s+(.*)$/s.exec(text)?.[1]
  if (json === undefined) return undefined
  try {
    return JSON.parse(json.replace(/\\(["\\])/g, '$1'))
  } catch {
    return undefined
  }
}

const [NEWLINE, SPACE, NO_BREAK_SPACE] = [10, 32, 160]

/** The words of a row that matter, by where they begin and end: a row may hold a dozen numbers that nobody asks for. */
function rowOf({ species, position, occupancy = 0, kind = 0 }: Columns) {
  const last = Math.max(species, position + 2, occupancy, kind)
  const starts = new Int32Array(last + 1)
  const ends = new Int32Array(last + 1)
  return {
    /** Of the line that begins at `from`. @returns where the last of them ends */
    read(text: string, from: number): number {
      let at = from
      // NaN, behind the end, is in no comparison.
      let c = text.charCodeAt(at)
      for (let word = 0; word <= last; word++) {
        while ((c <= SPACE && c !== NEWLINE) || c === NO_BREAK_SPACE) c = text.charCodeAt(++at)
        starts[word] = at
        while (c > SPACE && c !== NO_BREAK_SPACE) c = text.charCodeAt(++at)
        ends[word] = at
      }
      return at
    },
    number: (text: string, column: number) => numberAt(text, starts[column], ends[column]),
    species: (text: string) => text.slice(starts[species], ends[species]),
  }
}

/** Keys whose number says nothing of a property. */
const NO_LABELS = new Set(['lattice', 'properties', 'pbc', 'name'])

/** Numbers of a frame, by key. */
function labelsOf(info: ReadonlyMap<string, string>): Labels {
  const labels: Record<string, number> = Object.create(null)
  for (const [key, text] of info) {
    const number = NO_LABELS.has(key) ? undefined : parseNumber(text)
    if (number !== undefined) labels[key] = number
  }
  return labels
}

/** One flag for all directions, or three. */
function readPeriodicity(
  text: string | undefined,
  warn: (message: string) => void,
  fail: (message: string) => ParseError,
): void {
  if (text === undefined) return
  const words = text
    .replace(/[[\]{},]/g, ' ')
    .trim()
    .split(/\s+/)
  const known = words.every((word) => /^(?:t|f|true|false|[01]|[tf]{3})$/i.test(word))
  const flags = words.length === 1 && words[0].length === 3 ? [...words[0]] : words
  if (!known || (flags.length !== 1 && flags.length !== 3)) {
    throw fail(`pbc=${quote(text)}: expected T or F for each of the three directions`)
  }
  const periodic = (flags.length === 1 ? [...flags, ...flags, ...flags] : flags).map((w) => /^[t1]/i.test(w))
  checkPeriodicity(periodic, `pbc=${quote(text)}`, warn, fail)
}

function readLattice(text: string | undefined, fail: (message: string) => ParseError): Mat3 {
  if (text === undefined) throw fail('the frame has no Lattice="…": it is no crystal')
  const words = text
    .replace(/[[\]{},]/g, ' ')
    .trim()
    .split(/\s+/)
  const numbers = words.map(parseNumber)
  if (numbers.length !== 9 || numbers.includes(undefined)) {
    throw fail(`Lattice: expected 9 numbers (a, b, c one after another), found ${quote(text)}`)
  }
  const n = numbers as number[]
  return [
    [n[0], n[1], n[2]],
    [n[3], n[4], n[5]],
    [n[6], n[7], n[8]],
  ]
}

/** First column of the species and of the positions, and, where there are any, of shares of sites and of their kinds. */
interface Columns {
  /** How many columns a row has. */
  readonly total: number
  readonly species: number
  readonly position: number
  readonly occupancy?: number
  readonly kind?: number
}

function readProperties(text: string, fail: (message: string) => ParseError): Columns {
  const parts = text.split(':')
  let column = 0
  let species: number | undefined
  let position: number | undefined
  let occupancy: number | undefined
  let kind: number | undefined
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const name = parts[i].toLowerCase()
    const width = Number(parts[i + 2])
    if (!/^[SRIL]$/i.test(parts[i + 1]) || !Number.isInteger(width) || width < 1) break
    if (SPECIES.includes(name) && width === 1) species ??= column
    if (POSITIONS.includes(name) && width === 3) position ??= column
    if (OCCUPANCIES.includes(name) && width === 1) occupancy ??= column
    if (name === KIND && width === 1) kind ??= column
    column += width
  }
  if (species === undefined || position === undefined) {
    throw fail(`Properties=${quote(text)} has no species and pos, expected such as ${DEFAULT_PROPERTIES}`)
  }
  return { total: column, species, position, occupancy, kind }
}

/** `key=value` pairs with keys in lower case; values may be in quotes, braces or brackets. */
function keyValues(line: string, twice: (key: string) => void): Map<string, string> {
  const pair = /([^\s=]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\{([^{}]*)\}|(\[[^=]*\])(?=\s|$)|(\S*))|\S+/g
  const pairs = new Map<string, string>()
  for (const [, key, ...values] of line.slice(0, 100_000).matchAll(pair)) {
    if (key === undefined) continue
    const [name, value] = [key.toLowerCase(), values.find((v) => v !== undefined) ?? '']
    if (pairs.has(name) && pairs.get(name) !== value) twice(key)
    pairs.set(name, value)
  }
  return pairs
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.trim().slice(0, 60))
}

/**
 * One frame with species and Cartesian positions; frames are put one after another for a trajectory.
 * @throws StructureError for a disordered structure, which the format cannot hold.
 */
function writeExtxyz(s: Structure): string {
  if (!isOrdered(s))
    throw new StructureError('extXYZ cannot hold partial occupancies; write CIF or JSON instead')
  const name = s.name === undefined ? '' : ` name="${s.name.replace(/["\\\s]+/g, ' ')}"`
  const lines = [
    String(s.frac.length),
    `Lattice="${s.lattice.flat().join(' ')}" Properties=${DEFAULT_PROPERTIES} pbc="T T T"${name}`,
    ...s.frac.map((f, i) => [symbolOf(s.species[i][0].element), ...toCartesian(f, s.lattice)].join(' ')),
  ]
  return `${lines.join('\n')}\n`
}
