// POSCAR and CONTCAR files of VASP 4, 5 and 6 (https://vasp.at/wiki/POSCAR): one structure a file; velocities are not kept.
// VASP 4 files name their elements nowhere: they are looked for in the title and in the comments behind the coordinates.

import { LimitError, ParseError, StructureError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { atomicNumber, elementOfLabel, elementOfSymbol, symbolOf } from '../elements.ts'
import { cellVolume, isOrdered, type Structure, structure } from '../structure.ts'
import { attempt, type Found, parseNumber, type ReadContext, type Reading } from './reading.ts'

export function* readPoscar(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, 1, (warnings) => readOne({ lines: text.split('\n'), context }, warnings))
}

interface Source {
  readonly lines: readonly string[]
  readonly context: ReadContext
}

function readOne(source: Source, warnings: string[]): Found {
  const { lines } = source
  const title = lines[0].trim()
  const { lattice, scale } = readLattice(source)
  const { names, counts, end } = readCounts(source, 5)
  const total = counts.reduce((a, b) => a + b)
  if (total > source.context.maxSites) {
    throw new LimitError(`${total} atoms, allowed are ${source.context.maxSites}`)
  }
  const selective = /^\s*[Ss]/.test(lines[end] ?? '')
  const mode = selective ? end + 1 : end
  if (!/^\s*[A-Za-z]/.test(lines[mode] ?? '')) {
    throw fail(source, mode, `expected Direct or Cartesian, found ${quote(lines[mode])}`)
  }
  const coordinates: Vec3[] = []
  for (let i = 0; i < total; i++) {
    const n = mode + 1 + i
    if ((lines[n] ?? '').trim() === '') {
      throw fail(source, n, `${i} atoms, expected ${total} (${counts.join(' + ')})`)
    }
    coordinates.push(vectorAt(source, n, 'coordinates'))
  }
  const toFractional = fractionalOf(lattice)
  const cartesian = /^\s*[CcKk]/.test(lines[mode])
  const frac = cartesian ? coordinates.map((r) => toFractional(scale(r))) : coordinates

  const labels = lines.slice(mode + 1, mode + 1 + total).map((line) => label(line, selective))
  const elements = names.length > 0 ? names : unnamed(title, counts, labels)
  const standIns = counts.map((_, i) => (i % 118) + 1)
  const species = (elements ?? standIns).flatMap((z, i) => new Array<number>(counts[i]).fill(z))
  const result = structure({ lattice, frac, species, name: title || undefined })
  if (elements !== undefined) return { structure: result }
  warnings.push(
    'the file names no elements (VASP 4); H, He, Li … stand in for them. Add a line with their symbols above the counts',
  )
  return { structure: result, placeholders: true }
}

/** Lines 2 to 5. Three factors scale the Cartesian components x, y, z; a single negative one is the volume of the cell. */
function readLattice(source: Source): { lattice: Mat3; scale: (r: Vec3) => Vec3 } {
  const [s, t, u] = words(source.lines[1]).map(parseNumber)
  const three = t !== undefined && u !== undefined
  if (s === undefined || s === 0 || (three && Math.min(s, t, u) <= 0)) {
    const expected = 'a number other than 0, or three positive ones'
    throw fail(source, 1, `scaling factor: expected ${expected}, found ${quote(source.lines[1])}`)
  }
  const [a, b, c] = [2, 3, 4].map((n) => vectorAt(source, n, 'lattice vector'))
  const one = s > 0 ? s : Math.cbrt(-s / Math.abs(cellVolume([a, b, c])))
  const [x, y, z] = three ? [s, t, u] : [one, one, one]
  const scale = (r: Vec3): Vec3 => [r[0] * x, r[1] * y, r[2] * z]
  return { lattice: [scale(a), scale(b), scale(c)], scale }
}

/** Names (since VASP 5) and numbers of atoms from line `at`; each may go on over several lines, up to `end`. */
function readCounts(source: Source, at: number): { names: number[]; counts: number[]; end: number } {
  const { lines } = source
  const names: number[] = []
  while (/^\s*[A-Za-z]/.test(lines[at] ?? '')) {
    const elements = words(lines[at]).map(elementOfSymbol)
    // Not a second line of names, then, but one such as Direct where the counts are missing.
    if (names.length > 0 && elements[0] === undefined) break
    const unknown = elements.indexOf(undefined)
    if (unknown !== -1) throw fail(source, at, `${quote(words(lines[at])[unknown])} is no element`)
    names.push(...(elements as number[]))
    at++
  }
  const first = at
  const counts: number[] = []
  while (/^\s*\d/.test(lines[at] ?? '') && (names.length === 0 || counts.length < names.length)) {
    for (const word of words(lines[at])) {
      const n = Number(word)
      if (!Number.isInteger(n) || n < 0) throw fail(source, at, `${quote(word)} is no number of atoms`)
      counts.push(n)
    }
    at++
  }
  if (counts.length === 0) {
    throw fail(source, at, `expected the numbers of atoms, found ${quote(lines[at])}`)
  }
  if (names.length > 0 && names.length !== counts.length) {
    throw fail(source, first, `${names.length} species names for ${counts.length} numbers of atoms`)
  }
  return { names, counts, end: at }
}

function vectorAt(source: Source, n: number, what: string): Vec3 {
  const [x, y, z] = words(source.lines[n]).map(parseNumber)
  if (x === undefined || y === undefined || z === undefined) {
    throw fail(source, n, `${what}: expected three numbers, found ${quote(source.lines[n])}`)
  }
  return [x, y, z]
}

function fail({ context }: Source, line: number, message: string): ParseError {
  return new ParseError(message, { file: context.file, line: line + 1 })
}

/** Elements of a file without names: from a title such as `Mo S` or `Li8Mn4O12`, or from labels behind the coordinates. */
function unnamed(title: string, counts: readonly number[], labels: readonly string[]): number[] | undefined {
  const listed = words(title).map((word) => atomicNumber(word))
  if (listed.length === counts.length && !listed.includes(undefined)) return listed as number[]
  for (const word of words(title).slice(0, 4)) {
    const parts = [...word.slice(0, 400).matchAll(/([A-Z][a-z]?)(\d*)/g)]
    const amounts = parts.map(([, , n]) => (n === '' ? 1 : Number(n)))
    const elements = parts.map(([, symbol]) => atomicNumber(symbol))
    if (amounts.join() === counts.join() && !elements.includes(undefined)) return elements as number[]
  }
  const elements: number[] = []
  let first = 0
  for (const n of counts) {
    const group = new Set(labels.slice(first, first + n).map((label) => elementOfLabel(label)))
    const [z] = group
    if (group.size !== 1 || z === undefined) return undefined
    elements.push(z)
    first += n
  }
  return elements
}

/** What stands behind the coordinates, and behind the T and F of selective dynamics: ` # Bi1`. */
function label(line: string, selective: boolean): string {
  const rest = line
    .slice(0, 200)
    .replace(/[#!]/g, ' ')
    .trim()
    .split(/\s+/)
    .slice(selective ? 6 : 3)
  return rest.at(-1) ?? ''
}

function words(line: string | undefined): string[] {
  const text = (line ?? '').replace(/[!#].*$/, '').trim()
  return text === '' ? [] : text.split(/\s+/)
}

function quote(line: string | undefined): string {
  return line === undefined ? 'the end of the file' : JSON.stringify(line.trim().slice(0, 60))
}

/**
 * A VASP 5 file with fractional coordinates; atoms keep their order, so an element may come in several groups.
 * @throws StructureError for a disordered structure, which the format cannot hold.
 */
export function writePoscar(s: Structure): string {
  if (!isOrdered(s))
    throw new StructureError('POSCAR cannot hold partial occupancies; write CIF or JSON instead')
  const groups: { symbol: string; count: number }[] = []
  for (const [{ element }] of s.species) {
    const symbol = symbolOf(element)
    const last = groups.at(-1)
    if (last?.symbol === symbol) last.count++
    else groups.push({ symbol, count: 1 })
  }
  const row = (v: Vec3) => `  ${v.map((x) => x.toFixed(16).padStart(21)).join(' ')}`
  const lines = [
    (s.name ?? groups.map((g) => `${g.symbol}${g.count}`).join(' ')).replace(/\s+/g, ' '),
    '1.0',
    ...s.lattice.map(row),
    groups.map((g) => g.symbol).join(' '),
    groups.map((g) => g.count).join(' '),
    'Direct',
    ...s.frac.map(row),
  ]
  return `${lines.join('\n')}\n`
}
