// Data files of LAMMPS (https://docs.lammps.org/read_data.html): one cell, in Å. What type an atom is of is told by a comment
// behind its mass, else by the mass. Velocities, bonds and the like are not kept.

import { LimitError } from '../../errors.ts'
import { type Mat3, minus, type Vec3 } from '../../math/vectors.ts'
import { elementOfMass } from '../atomic-masses.ts'
import { fractionalOf } from '../cell.ts'
import { atomicNumber, elementOfSymbol, symbolOf } from '../elements.ts'
import { structure } from '../structure.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import { failAt, findLine, type LineSource, quoteLine, sourceOf, wordsOf } from './lines.ts'
import { attempt, parseNumber } from './reading.ts'

export const lammps: FileFormat<'lammps'> = {
  name: 'lammps',
  title: 'LAMMPS data',
  endings: ['.lmp', '.lammps', '.lammps-data', '.data'],
  detect: (text) => /^[ \t]*\d+[ \t]+atoms\b/m.test(text.slice(0, 20_000)) && /^[ \t]*Atoms\b/m.test(text),
  read: readLammps,
}

function* readLammps(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) => readOne(sourceOf(text, context), warnings))
}

/** Columns of the type and of the first coordinate, from 0, by atom style. */
const STYLES = new Map<string, readonly [type: number, x: number]>([
  ['atomic', [1, 2]],
  ['charge', [1, 3]],
  ['dipole', [1, 3]],
  ['sphere', [1, 4]],
  ['bond', [2, 3]],
  ['angle', [2, 3]],
  ['molecular', [2, 3]],
  ['full', [2, 4]],
])

function readOne(source: LineSource, warnings: string[]): Found {
  const count = headNumbers(source, /^\s*\d+\s+atoms\b/, 1)?.[0]
  if (count === undefined || count < 1)
    throw failAt(source, 0, 'no number of atoms: expected such as "8 atoms"')
  if (count > source.context.maxSites)
    throw new LimitError(`${count} atoms, allowed are ${source.context.maxSites}`)
  const { lattice, origin } = readBox(source)
  const elements = readMasses(source, warnings)
  const start = findLine(source, /^\s*Atoms\b/)
  if (start === -1) throw failAt(source, 0, 'no section Atoms')
  const rows = section(source, start, count, 'Atoms')
  const [type, x] = styleOf(source, start, rows[0])
  const toFractional = fractionalOf(lattice)
  const atoms = rows.map((n) => {
    const words = wordsOf(source.lines[n])
    const at = words.slice(x, x + 3).map(parseNumber)
    const z = elements.get(words[type])
    if (at.length < 3 || at.includes(undefined)) {
      throw failAt(
        source,
        n,
        `expected coordinates from column ${x + 1}, found ${quoteLine(source.lines[n])}`,
      )
    }
    if (z === undefined) throw failAt(source, n, `type ${quoteLine(words[type])} has no mass`)
    return { id: Number(words[0]), z, frac: toFractional(minus(at as unknown as Vec3, origin)) }
  })
  // Files are written in any order, and numbered.
  atoms.sort((a, b) => a.id - b.id)
  const [frac, species] = [atoms.map((atom) => atom.frac), atoms.map(({ z }) => z)]
  return { structure: structure({ lattice, frac, species }) }
}

/** The numbers before the words of a line of the head; undefined where there is no such line. */
function headNumbers(source: LineSource, line: RegExp, count: number): number[] | undefined {
  const n = findLine(source, line)
  if (n === -1) return undefined
  const numbers = wordsOf(source.lines[n]).slice(0, count).map(parseNumber)
  if (numbers.length < count || numbers.includes(undefined)) {
    throw failAt(source, n, `expected ${count} numbers, found ${quoteLine(source.lines[n])}`)
  }
  return numbers as number[]
}

/** The cell by its bounds and tilts, or by vectors that are free. */
function readBox(source: LineSource): { lattice: Mat3; origin: Vec3 } {
  const vectors = ['avec', 'bvec', 'cvec'].map((name) => headNumbers(source, new RegExp(`\\b${name}\\b`), 3))
  if (!vectors.includes(undefined)) {
    const origin = headNumbers(source, /\babc\s+origin\b/, 3) ?? [0, 0, 0]
    return { lattice: vectors as unknown as Mat3, origin: origin as unknown as Vec3 }
  }
  const bounds = ['x', 'y', 'z'].map((axis) =>
    headNumbers(source, new RegExp(`\\b${axis}lo\\s+${axis}hi\\b`), 2),
  )
  const missing = bounds.indexOf(undefined)
  if (missing !== -1) {
    const axis = 'xyz'[missing]
    throw failAt(source, 0, `no bounds of the cell: expected a line "0 4 ${axis}lo ${axis}hi"`)
  }
  const [x, y, z] = bounds.map((bound) => bound![1] - bound![0])
  const [xy, xz, yz] = headNumbers(source, /\bxy\s+xz\s+yz\b/, 3) ?? [0, 0, 0]
  const lattice: Mat3 = [[x, 0, 0], [xy, y, 0], [xz, yz, z]] // biome-ignore format: a matrix
  return { lattice, origin: bounds.map((bound) => bound![0]) as unknown as Vec3 }
}

/** Elements by the word of their type: a number, or a label of it. */
function readMasses(source: LineSource, warnings: string[]): Map<string, number> {
  const types = headNumbers(source, /^\s*\d+\s+atom\s+types\b/, 1)?.[0] ?? 0
  const start = findLine(source, /^\s*Masses\b/)
  if (start === -1) throw failAt(source, 0, 'no section Masses: nothing says what the atoms are')
  const elements = new Map<string, number>()
  const guessed: string[] = []
  for (const n of section(source, start, types, 'Masses')) {
    const [type, mass] = wordsOf(source.lines[n])
    const [, comment = ''] = /#\s*(\S+)/.exec(source.lines[n]) ?? []
    const weight = parseNumber(mass ?? '')
    const z = elementOfSymbol(comment) ?? elementOfMass(weight ?? Number.NaN)
    if (z === undefined)
      throw failAt(source, n, `mass ${quoteLine(mass)} is that of no element; name it behind the mass: # Na`)
    if (atomicNumber(comment) === undefined) guessed.push(`${type} is ${symbolOf(z)}`)
    elements.set(type, z)
  }
  if (guessed.length > 0) warnings.push(`elements by their masses: type ${guessed.join(', ')}`)
  return elements
}

/** The lines of a section that hold something. */
function section(source: LineSource, start: number, count: number, name: string): number[] {
  const rows: number[] = []
  for (let n = start + 1; n < source.lines.length && rows.length < count; n++) {
    if (wordsOf(source.lines[n]).length > 0) rows.push(n)
  }
  if (rows.length < count || count === 0) {
    throw failAt(source, start, `section ${name} has ${rows.length} lines, expected ${count || 'some'}`)
  }
  return rows
}

/** By the comment behind the title of the section, else by the number of columns, which images may follow. */
function styleOf(source: LineSource, start: number, row: number): readonly [type: number, x: number] {
  const [, hint] = /#\s*(\w+)/.exec(source.lines[start]) ?? []
  const named = STYLES.get(hint)
  if (named) return named
  const words = wordsOf(source.lines[row])
  const columns = words.length
  const images = columns > 6 && words.slice(-3).every((word) => /^[+-]?\d+$/.test(word)) ? 3 : 0
  const style = new Map([
    [5, 'atomic'],
    [6, 'charge'],
    [7, 'full'],
  ]).get(columns - images)
  if (hint !== undefined || style === undefined) {
    const found = hint === undefined ? `${columns} columns` : `style ${quoteLine(hint)}`
    throw failAt(
      source,
      start,
      `${found}: name the style behind the title, Atoms # atomic; known are ${[...STYLES.keys()].join(', ')}`,
    )
  }
  return STYLES.get(style)!
}
