// Input files of Quantum ESPRESSO's pw.x (https://www.quantum-espresso.org/Doc/INPUT_PW.html): the cell by ibrav or by
// CELL_PARAMETERS, atoms in any of its units. Not here: the lattices of ibrav (bravais.ts).

import { LimitError, type ParseError } from '../../errors.ts'
import { type Mat3, mapEntries, scaled, type Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { checkPeriodicity } from '../periodicity.ts'
import { structure } from '../structure.ts'
import { type Celldm, latticeOfIbrav } from './bravais.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import { failAt, findLine, type LineSource, matrixAt, quoteLine, sourceOf, wordsOf } from './lines.ts'
import { attempt, parseNumber } from './reading.ts'
import { BOHR } from './units.ts'

export const espresso: FileFormat<'espresso'> = {
  name: 'espresso',
  title: 'Quantum ESPRESSO input',
  endings: ['.pwi', '.pw.in', '.pwscf', '.scf.in'],
  detect: (text) => /^[ \t]*&system\b/im.test(text) && /^[ \t]*ATOMIC_POSITIONS\b/im.test(text),
  read: readEspresso,
}

function* readEspresso(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) => readOne(sourceOf(text, context), warnings))
}

function readOne(source: LineSource, warnings: string[]): Found {
  const system = namelist(source)
  const number = (key: string): number | undefined => {
    const item = system.get(key)
    const value = item && parseNumber(item.text)
    if (item && value === undefined)
      throw failAt(source, item.n, `${key} = ${quoteLine(item.text)} is not a number`)
    return value
  }
  const warn = (message: string) => warnings.push(message)
  const isolated = system.get('assume_isolated')
  const kind = /^['"]?\s*(?:(2d|esm)|(m))/i.exec(isolated?.text ?? '')
  if (isolated && kind) {
    const periodic = kind[1] === undefined ? [false, false, false] : [true, true, false]
    checkPeriodicity(periodic, `assume_isolated = ${isolated.text}`, warn, (message) =>
      failAt(source, isolated.n, message),
    )
  }
  const alat = alatOf(number)
  const ibrav = number('ibrav')
  const lattice =
    ibrav === undefined || ibrav === 0
      ? cellParameters(source, alat, warn)
      : latticeOfIbrav(
          ibrav,
          celldm(
            number,
            alat,
            failAt(source, system.get('ibrav')!.n, `ibrav = ${ibrav} without celldm or A`),
          ),
        )
  if (lattice === undefined) {
    throw failAt(source, system.get('ibrav')!.n, `ibrav = ${ibrav} is not known, or its celldm are missing`)
  }
  const start = findLine(source, /^\s*ATOMIC_POSITIONS\b/i)
  if (start === -1) throw failAt(source, 0, 'no ATOMIC_POSITIONS')
  const unit = unitOf(source.lines[start]) ?? assumed('ATOMIC_POSITIONS', 'alat', warn)
  const length = unit === 'crystal' ? 1 : lengthOf(unit, alat)
  if (length === undefined) {
    throw failAt(
      source,
      start,
      `ATOMIC_POSITIONS in ${quoteLine(unit)}: expected alat (with its celldm or A), bohr, angstrom or crystal`,
    )
  }
  const count = number('nat')
  if (count === undefined || !Number.isInteger(count) || count < 1)
    throw failAt(source, 0, 'no nat, the number of atoms')
  if (count > source.context.maxSites)
    throw new LimitError(`${count} atoms, allowed are ${source.context.maxSites}`)
  const toFractional = fractionalOf(lattice)
  const frac: Vec3[] = []
  const species: number[] = []
  for (let n = start + 1; species.length < count; n++) {
    if (n >= source.lines.length) throw failAt(source, start, `${species.length} atoms, nat is ${count}`)
    const [label, ...rest] = wordsOf(source.lines[n])
    if (label === undefined) continue
    if (CARD.test(label)) throw failAt(source, n, `${species.length} atoms before ${label}, nat is ${count}`)
    const z = elementOfSymbol(label.replace(/(?<=[a-z])[\d_-].*$|(?<=^[A-Z])[\d_-].*$/i, ''))
    if (z === undefined)
      throw failAt(source, n, `${quoteLine(label)} is no element; ${species.length} atoms, nat is ${count}`)
    const at = rest.slice(0, 3).map(expression)
    if (at.length < 3 || at.includes(undefined)) {
      throw failAt(source, n, `expected three coordinates, found ${quoteLine(source.lines[n])}`)
    }
    frac.push(
      unit === 'crystal' ? (at as unknown as Vec3) : toFractional(scaled(at as unknown as Vec3, length)),
    )
    species.push(z)
  }
  return { structure: structure({ lattice, frac, species }) }
}

const CARD = /^(?:K_POINTS|CELL_PARAMETERS|ATOMIC_|OCCUPATIONS|CONSTRAINTS|HUBBARD|SOLVENTS|ADDITIONAL_)/i

/** `1/3`, which the program works out, too. */
function expression(text: string): number | undefined {
  const [p, q, ...more] = text.split('/').map(parseNumber)
  if (more.length > 0) return undefined
  return text.includes('/') ? (p === undefined || !q ? undefined : p / q) : p
}

/** The settings of &SYSTEM by name in lower case. */
function namelist(source: LineSource): Map<string, { text: string; n: number }> {
  const start = findLine(source, /^\s*&system\b/i)
  const settings = new Map<string, { text: string; n: number }>()
  if (start === -1) throw failAt(source, 0, 'no &SYSTEM')
  for (let n = start; n < source.lines.length && !/^\s*\/\s*$/.test(source.lines[n]); n++) {
    const line = source.lines[n].replace(/!.*/, '').slice(0, 2000)
    for (const [, key, text] of line.matchAll(
      /([A-Za-z_]\w*(?:\(\d+\))?)\s*=\s*('[^']*'|"[^"]*"|[^\s,]+)/g,
    )) {
      settings.set(key.toLowerCase(), { text, n })
    }
  }
  return settings
}

type Setting = (key: string) => number | undefined

/** The lattice parameter a in Å. */
function alatOf(number: Setting): number | undefined {
  const [bohr, angstrom] = [number('celldm(1)'), number('a')]
  return bohr === undefined ? angstrom : bohr * BOHR
}

/** Lengths in Å and ratios, from celldm or from A, B, C and cosines. */
function celldm(number: Setting, a: number | undefined, missing: ParseError): Celldm {
  if (a === undefined || !(a > 0)) throw missing
  const ratio = (key: string) => {
    const length = number(key)
    return length === undefined ? undefined : length / a
  }
  if (number('celldm(1)') !== undefined)
    return { a, more: [2, 3, 4, 5, 6].map((i) => number(`celldm(${i})`)), traditional: false }
  return {
    a,
    more: [ratio('b'), ratio('c'), number('cosab'), number('cosac'), number('cosbc')],
    traditional: true,
  }
}

/** The unit of a card that names none, as pw.x has it. */
function assumed(card: string, unit: string, warn: (message: string) => void): string {
  warn(`${card} without a unit are in ${unit}, as pw.x takes them`)
  return unit
}

function cellParameters(source: LineSource, alat: number | undefined, warn: (message: string) => void): Mat3 {
  const start = findLine(source, /^\s*CELL_PARAMETERS\b/i)
  if (start === -1) throw failAt(source, 0, 'no CELL_PARAMETERS, and ibrav is 0')
  const unit =
    unitOf(source.lines[start]) ?? assumed('CELL_PARAMETERS', alat === undefined ? 'bohr' : 'alat', warn)
  const length = lengthOf(unit, alat)
  if (length === undefined) {
    throw failAt(
      source,
      start,
      `CELL_PARAMETERS in ${quoteLine(unit)}: expected alat (with its celldm or A), bohr or angstrom`,
    )
  }
  return mapEntries(matrixAt(source, start + 1, 'CELL_PARAMETERS'), (x) => x * length)
}

function unitOf(line: string): string | undefined {
  return wordsOf(line.replace(/[(){}]/g, ' '))[1]?.toLowerCase()
}

function lengthOf(unit: string, alat: number | undefined): number | undefined {
  if (unit === 'alat') return alat
  return unit === 'bohr' ? BOHR : unit === 'angstrom' ? 1 : undefined
}
