// POSCAR and CONTCAR files of VASP 4, 5 and 6 (https://vasp.at/wiki/POSCAR): one structure a file; velocities are not kept.
// VASP 4 files name their elements nowhere: they are looked for in the title and in the comments behind the coordinates.

import { LimitError, ParseError, StructureError } from '../../errors.ts'
import { fractionalOf } from '../cell.ts'
import { atomicNumber, elementOfLabel, elementOfSymbol, symbolOf } from '../elements.ts'
import { cellVolume, isOrdered, type Mat3, type Structure, structure, type Vec3 } from '../structure.ts'
import { attempt, parseNumber, type ReadContext, type Reading } from './reading.ts'

export function* readPoscar(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, 1, (warnings) => readOne(text.split('\n'), context, warnings))
}

function readOne(lines: readonly string[], context: ReadContext, warnings: string[]) {
  const fail = (message: string, line: number) =>
    new ParseError(message, { file: context.file, line: line + 1 })
  const title = lines[0].trim()
  const scale = words(lines[1]).map(parseNumber)
  const [s0] = scale
  if (s0 === undefined || s0 === 0) {
    throw fail(`scaling factor ${quote(lines[1])} is not a number other than 0`, 1)
  }
  const rows = [2, 3, 4].map((n) => vector(n, 'lattice vector'))
  const lattice = scaled(rows as unknown as Mat3)

  // Line 6 holds names since VASP 5; names and counts may each go on over several lines.
  let at = 5
  const names: string[] = []
  while (
    /^\s*[A-Za-z]/.test(lines[at] ?? '') &&
    (names.length === 0 || elementOfSymbol(words(lines[at])[0]))
  ) {
    names.push(...words(lines[at++]))
  }
  const counts: number[] = []
  const countLine = at
  while (/^\s*\d/.test(lines[at] ?? '') && (names.length === 0 || counts.length < names.length)) {
    for (const word of words(lines[at++])) {
      const n = Number(word)
      if (!Number.isInteger(n) || n < 0) throw fail(`${quote(word)} is no number of atoms`, at - 1)
      counts.push(n)
    }
  }
  if (counts.length === 0) throw fail(`expected the numbers of atoms, found ${quote(lines[at])}`, at)
  if (names.length > 0 && names.length !== counts.length) {
    throw fail(`${names.length} species names for ${counts.length} numbers of atoms`, countLine)
  }
  const total = counts.reduce((a, b) => a + b)
  if (total > context.maxSites) throw new LimitError(`${total} atoms, allowed are ${context.maxSites}`)

  const selective = /^\s*[Ss]/.test(lines[at] ?? '')
  if (selective) at++
  if (!/^\s*[A-Za-z]/.test(lines[at] ?? '')) {
    throw fail(`expected Direct or Cartesian, found ${quote(lines[at])}`, at)
  }
  const cartesian = /^\s*[CcKk]/.test(lines[at++])
  const coordinates: Vec3[] = []
  for (let i = 0; i < total; i++) {
    if ((lines[at + i] ?? '').trim() === '')
      throw fail(`${i} atoms, expected ${total} (${counts.join(' + ')})`, at + i)
    coordinates.push(vector(at + i, 'coordinates'))
  }
  const toFractional = fractionalOf(lattice)
  const frac = cartesian ? coordinates.map((r) => toFractional(scaledVector(r))) : coordinates

  const labels = lines.slice(at, at + total).map((line) => label(line, selective))
  const species = names.length > 0 ? named() : unnamed(title, counts, labels)
  const numbers = (species ?? counts.map((_, i) => (i % 118) + 1)).flatMap((z, i) =>
    new Array<number>(counts[i]).fill(z),
  )
  const result = structure({ lattice, frac, species: numbers, name: title || undefined })
  if (species !== undefined) return { structure: result }
  warnings.push(
    'the file names no elements (VASP 4); H, He, Li … stand in for them. Add a line with their symbols above the counts',
  )
  return { structure: result, placeholders: true as const }

  function named(): number[] {
    return names.map((name) => {
      const z = elementOfSymbol(name)
      if (z === undefined) throw fail(`${quote(name)} is no element`, 5)
      return z
    })
  }
  function vector(n: number, what: string): Vec3 {
    const values = words(lines[n]).slice(0, 3).map(parseNumber)
    if (values.length < 3 || values.includes(undefined)) {
      throw fail(`${what}: expected three numbers, found ${quote(lines[n])}`, n)
    }
    return values as unknown as Vec3
  }
  /** Three factors scale the Cartesian components x, y, z; a single negative one is the volume of the cell. */
  function factors(): Vec3 {
    const [a, b, c] = scale
    if (a! > 0 && b !== undefined && b > 0 && c !== undefined && c > 0) return [a!, b, c]
    if (a! > 0) return [a!, a!, a!]
    const s = Math.cbrt(-a! / Math.abs(cellVolume(rows as unknown as Mat3)))
    return [s, s, s]
  }
  function scaled([a, b, c]: Mat3): Mat3 {
    return [scaledVector(a), scaledVector(b), scaledVector(c)]
  }
  function scaledVector(r: Vec3): Vec3 {
    const f = factors()
    return [r[0] * f[0], r[1] * f[1], r[2] * f[2]]
  }
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
