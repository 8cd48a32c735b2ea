// POSCAR and CONTCAR files of VASP 4, 5 and 6 (https://vasp.at/wiki/POSCAR): one structure a file; velocities are not kept.
// VASP 4 files name their elements nowhere: they are looked for in the title and in the comments behind the coordinates.

import { LimitError, StructureError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { cellVolume, isOrdered, type Structure, structure } from '../structure.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import {
  failAt,
  type LineSource,
  lineNumber,
  matrixAt,
  quoteLine,
  sourceOf,
  startsFrame,
  vectorAt,
  wordsOf,
} from './lines.ts'
import { attempt, parseNumber } from './reading.ts'

export const poscar: FileFormat<'poscar'> = {
  name: 'poscar',
  title: 'POSCAR',
  endings: ['.vasp', '.poscar', '.contcar'],
  fileName: /(?:^|[/\\_.-])(?:POSCAR|CONTCAR)(?:[_.\-\d][^/\\]*)?$/,
  // The rows of a frame hold three numbers, too.
  detect: (text) => startsWithLattice(text) && !startsFrame(text) && !FRAME.test(text),
  read: readPoscar,
  write: writePoscar,
}

/** A line that begins the coordinates of a frame of an XDATCAR. */
export const FRAME = /^[ \t]*(?:direct|cartesian) configuration/im

/** Whether lines 2 to 5 are scale factors and three rows of three numbers. */
function startsWithLattice(text: string): boolean {
  const [, ...lines] = text.slice(0, 10_000).split('\n', 5)
  const [factors, ...rows] = lines.map(leadingNumbers)
  return (factors === 1 || factors === 3) && rows.length === 3 && rows.every((n) => n === 3)
}

/** How many numbers a line begins with; what stands behind them is a comment, unless it is another number. */
function leadingNumbers(line: string): number {
  const words = line.trim().split(/\s+/)
  const first = words.findIndex((word) => !isNumber(word))
  return first === -1 ? words.length : first
}

function isNumber(word: string): boolean {
  return word !== '' && Number.isFinite(Number(word))
}

function* readPoscar(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) => readOne(sourceOf(text, context), warnings))
}

function readOne(source: LineSource, warnings: string[]): Found {
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
  checkMode(source, mode, warnings)
  const coordinates: Vec3[] = []
  for (let i = 0; i < total; i++) {
    const n = mode + 1 + i
    if ((lines[n] ?? '').trim() === '') {
      throw failAt(source, n, `${i} atoms, expected ${total} (${counts.join(' + ')})`)
    }
    coordinates.push(vectorAt(source, n, 'coordinates'))
  }
  const toFractional = fractionalOf(lattice)
  const cartesian = /^\s*[CcKk]/.test(lines[mode])
  const frac = cartesian ? coordinates.map((r) => toFractional(scale(r))) : coordinates

  const labels = lines.slice(mode + 1, mode + 1 + total).map((line) => label(line, selective))
  const { elements, doubt } = elementsOf(names, title, counts, labels)
  if (doubt !== undefined) warnings.push(doubt)
  const standIns = counts.map((_, i) => (i % 118) + 1)
  const species = (elements ?? standIns).flatMap((z, i) => new Array<number>(counts[i]).fill(z))
  const result = structure({ lattice, frac, species, name: title || undefined })
  if (elements !== undefined) return { structure: result }
  warnings.push(
    'the file names no elements that can be told (VASP 4); H, He, Li … stand in for them. Add a line with their symbols above the counts',
  )
  return { structure: result, placeholders: true }
}

/** VASP looks at the first letter of the mode: C, c, K or k is Cartesian, everything else Direct. */
function checkMode(source: LineSource, mode: number, warnings: string[]): void {
  const text = source.lines[mode]
  if (text === undefined || /^\s*[-+.\d]/.test(text)) {
    throw failAt(source, mode, `expected Direct or Cartesian, found ${quoteLine(text)}`)
  }
  if (!/^\s*[CcKkDdFf]/.test(text)) {
    const found = text.trim() === '' ? 'a blank line' : quoteLine(text)
    warnings.push(
      `line ${lineNumber(source, mode)}: ${found} where Direct or Cartesian is expected is taken as Direct, as VASP does`,
    )
  }
}

/**
 * The elements, one for each number of atoms: those that are named, else those of the title or of the labels behind the
 * coordinates. Undefined where none can be told; `doubt` where the file contradicts itself.
 */
function elementsOf(
  names: readonly number[],
  title: string,
  counts: readonly number[],
  labels: readonly string[],
): { elements?: readonly number[]; doubt?: string } {
  const labelled = ofLabels(counts, labels)
  const titled = ofTitle(title, counts)
  const disagree = (other: readonly number[] | undefined) =>
    labelled !== undefined && other !== undefined && labelled.join() !== other.join()
  const list = (elements: readonly number[] | undefined) => elements?.map(symbolOf).join(' ')
  if (names.length > 0) {
    const doubt = `the atoms are labelled ${list(labelled)}, but the elements are ${list(names)}, which are taken`
    return disagree(names) ? { elements: names, doubt } : { elements: names }
  }
  if (!disagree(titled)) {
    const elements = titled ?? labelled
    if (labelled !== undefined || elements === undefined || saysOnly(title)) return { elements }
    const doubt = `the file names no elements (VASP 4); ${list(elements)} are taken from its title ${quoteLine(title)}`
    return { elements, doubt }
  }
  return { doubt: `the title says ${list(titled)}, but the atoms are labelled ${list(labelled)}` }
}

/** Lines 2 to 5. Three factors scale the Cartesian components x, y, z; a single negative one is the volume of the cell. */
export function readLattice(source: LineSource): { lattice: Mat3; scale: (r: Vec3) => Vec3 } {
  const [s, t, u] = wordsOf(source.lines[1]).map(parseNumber)
  const three = t !== undefined && u !== undefined
  if (s === undefined || s === 0 || (t !== undefined && !three) || (three && Math.min(s, t, u) <= 0)) {
    const expected = 'a number other than 0, or three positive ones'
    throw failAt(source, 1, `scaling factor: expected ${expected}, found ${quoteLine(source.lines[1])}`)
  }
  const [a, b, c] = matrixAt(source, 2, 'lattice vector')
  const one = s > 0 ? s : Math.cbrt(-s / Math.abs(cellVolume([a, b, c])))
  const [x, y, z] = three ? [s, t, u] : [one, one, one]
  const scale = (r: Vec3): Vec3 => [r[0] * x, r[1] * y, r[2] * z]
  return { lattice: [scale(a), scale(b), scale(c)], scale }
}

/** Names (since VASP 5) and numbers of atoms from line `at`; each may go on over several lines, up to `end`. */
export function readCounts(
  source: LineSource,
  at: number,
): { names: number[]; counts: number[]; end: number } {
  const { lines } = source
  const names: number[] = []
  while (/^\s*[A-Za-z]/.test(lines[at] ?? '')) {
    const elements = wordsOf(lines[at]).map(elementOfSymbol)
    // Not a second line of names, then, but one such as Direct where the counts are missing.
    if (names.length > 0 && elements[0] === undefined) break
    const unknown = elements.indexOf(undefined)
    if (unknown !== -1) throw failAt(source, at, `${quoteLine(wordsOf(lines[at])[unknown])} is no element`)
    names.push(...(elements as number[]))
    at++
  }
  const first = at
  const counts: number[] = []
  while (/^\s*\d/.test(lines[at] ?? '') && (names.length === 0 || counts.length < names.length)) {
    for (const word of wordsOf(lines[at])) {
      const n = Number(word)
      if (!Number.isInteger(n) || n < 0) throw failAt(source, at, `${quoteLine(word)} is no number of atoms`)
      counts.push(n)
    }
    at++
  }
  if (counts.length === 0) {
    throw failAt(source, at, `expected the numbers of atoms, found ${quoteLine(lines[at])}`)
  }
  if (names.length > 0 && names.length !== counts.length) {
    throw failAt(source, first, `${names.length} species names for ${counts.length} numbers of atoms`)
  }
  return { names, counts, end: at }
}

/** Elements of a title such as `Mo S` or `Li8Mn4O12`. */
function ofTitle(title: string, counts: readonly number[]): number[] | undefined {
  const listed = wordsOf(title).map(elementAsWritten)
  if (listed.length === counts.length && !listed.includes(undefined)) return listed as number[]
  for (const word of wordsOf(title).slice(0, 4)) {
    const parts = [...word.slice(0, 400).matchAll(/([A-Z][a-z]?)(\d*)/g)]
    const amounts = parts.map(([, , n]) => (n === '' ? 1 : Number(n)))
    const elements = parts.map(([, symbol]) => elementAsWritten(symbol))
    if (amounts.join() === counts.join() && !elements.includes(undefined)) return elements as number[]
  }
  return undefined
}

/** Whether a title holds symbols and nothing else, or begins with a formula with numbers, which fit the counts. */
function saysOnly(title: string): boolean {
  return /^(?:[A-Z][a-z]?\s*){1,99}$/.test(title) || /^(?:[A-Z][a-z]?\d{0,6}){0,99}\d/.test(title)
}

/** Words of a title are symbols only as they are written: `am` is no americium. */
function elementAsWritten(word: string): number | undefined {
  return /^[A-Z][a-z]?$/.test(word) ? elementOfSymbol(word) : undefined
}

/** Elements of the labels behind the coordinates, where all of a group are of one; T and F are flags of the dynamics. */
function ofLabels(counts: readonly number[], labels: readonly string[]): number[] | undefined {
  const elements: number[] = []
  let first = 0
  for (const n of counts) {
    const own = labels.slice(first, first + n)
    const group = new Set(own.map(elementOfRow))
    const [z] = group
    if (group.size !== 1 || z === undefined || own.some((label) => /^[TF]$/.test(label))) return undefined
    elements.push(z)
    first += n
  }
  return elements
}

/** A symbol and a number, `Bi1`, or such as `Fe_pv`. */
function elementOfRow(label: string): number | undefined {
  const symbol = /^([A-Za-z]{1,2})(?![A-Za-z])/.exec(label)?.[1]
  return symbol === undefined ? undefined : elementOfSymbol(symbol)
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

/**
 * A VASP 5 file with fractional coordinates; atoms keep their order, so an element may come in several groups.
 * @throws StructureError for a disordered structure, which the format cannot hold.
 */
function writePoscar(s: Structure): string {
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
