// PDB files with a cell (https://www.wwpdb.org/documentation/file-format-content): CRYST1, whose space group is applied, the
// matrix SCALE where the axes are no standard ones, and the atoms of every model.

import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { determinant, dot, plus } from '../../math/vectors.ts'
import { type CellParameters, fractionalOf, latticeFromParameters } from '../cell.ts'
import { atomicNumber, elementOfLabel } from '../elements.ts'
import { structure } from '../structure.ts'
import { expandSites, type ListedAtom } from '../symmetry/expand.ts'
import { operationsOfHall } from '../symmetry/hall.ts'
import type { Operation } from '../symmetry/operation.ts'
import { settingsForCell, settingsOfSymbol } from '../symmetry/space-groups.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import { failAt, findLine, type LineSource, lineNumber, quoteLine, sourceOf } from './lines.ts'
import { attempt, parseNumber } from './reading.ts'

export const pdb: FileFormat<'pdb'> = {
  name: 'pdb',
  title: 'PDB',
  endings: ['.pdb', '.ent'],
  detect: (text) => /^CRYST1[ \d.]{20}/m.test(text) && /^(?:ATOM {2}|HETATM)/m.test(text),
  read: readPdb,
}

function* readPdb(text: string, context: ReadContext): Generator<Reading> {
  const source = sourceOf(text, context)
  const { cell, operations, at } = readCell(source)
  const lattice = latticeFromParameters(cell)
  const toFractional = readScale(source) ?? fractionalOf(lattice)
  let start = 0
  while (start !== -1) {
    const model = findLine(source, /^MODEL\b/, start)
    const begin = model === -1 ? start : model + 1
    const end = findLine(source, /^(?:ENDMDL|END)\b/, begin)
    const stop = end === -1 ? source.lines.length : end
    yield attempt(context, lineNumber(source, model === -1 ? at : model), (warnings) =>
      readModel(source, begin, stop, { lattice, operations, toFractional }, warnings),
    )
    start = model === -1 ? -1 : findLine(source, /^MODEL\b/, stop)
  }
}

function readModel(
  source: LineSource,
  begin: number,
  end: number,
  {
    lattice,
    operations,
    toFractional,
  }: { lattice: Mat3; operations: readonly Operation[]; toFractional: (r: Vec3) => Vec3 },
  warnings: string[],
): Found {
  const atoms: ListedAtom[] = []
  for (let n = begin; n < end; n++) {
    const line = source.lines[n]
    if (!/^(?:ATOM {2}|HETATM)/.test(line)) continue
    const number = (from: number, to: number) => parseNumber(line.slice(from, to).trim())
    const [x, y, z] = [number(30, 38), number(38, 46), number(46, 54)]
    if (x === undefined || y === undefined || z === undefined) {
      throw failAt(
        source,
        n,
        `expected coordinates in columns 31 to 54, found ${quoteLine(line.slice(30, 54))}`,
      )
    }
    const occupancy = line.slice(54, 60).trim() === '' ? 1 : number(54, 60)
    if (occupancy === undefined || occupancy < 0) {
      throw failAt(source, n, `occupancy ${quoteLine(line.slice(54, 60))} is not a number from 0`)
    }
    const [symbol, name] = [line.slice(76, 78).trim(), line.slice(12, 16)]
    // Without the column of elements the name is of one letter where it begins with a blank.
    const element = symbol === '' ? elementOfName(name) : atomicNumber(symbol)
    if (element === undefined) throw failAt(source, n, `${quoteLine(symbol || name)} is no element`)
    if (occupancy === 0)
      warnings.push(`line ${lineNumber(source, n)}: ${name.trim()} of occupancy 0 is left out`)
    else {
      const label = `${name.trim()} (line ${lineNumber(source, n)})`
      atoms.push({ frac: toFractional([x, y, z]), element, occupancy, label })
    }
  }
  if (atoms.length === 0) throw failAt(source, begin, 'no atoms')
  const sites = expandSites(lattice, atoms, operations, source.context.maxSites)
  warnings.push(...sites.warnings)
  return { structure: structure({ lattice, frac: sites.frac, species: sites.species }) }
}

function elementOfName(name: string): number | undefined {
  const letters = name.slice(0, 2).replace(/[^A-Za-z]/g, '')
  return letters.length === 2 ? (atomicNumber(letters) ?? elementOfLabel(name.trim())) : atomicNumber(letters)
}

function readCell(source: LineSource): {
  cell: CellParameters
  operations: readonly Operation[]
  at: number
} {
  const at = findLine(source, /^CRYST1/)
  if (at === -1) throw failAt(source, 0, 'no CRYST1: only crystals can be read')
  const line = source.lines[at]
  const columns = [[6, 15], [15, 24], [24, 33], [33, 40], [40, 47], [47, 54]] // biome-ignore format: one line
  const numbers = columns.map(([from, to]) => parseNumber(line.slice(from, to).trim()))
  if (numbers.includes(undefined))
    throw failAt(source, at, `expected lengths and angles, found ${quoteLine(line)}`)
  const cell = numbers as unknown as CellParameters
  if (cell.slice(0, 3).every((length) => length === 1)) {
    throw failAt(source, at, 'a cell of 1 Å stands for none: only crystals can be read')
  }
  const symbol = line.slice(55, 66).trim() || 'P 1'
  const [setting] = settingsForCell(settingsOfSymbol(symbol), cell)
  if (setting === undefined) throw failAt(source, at, `space group ${quoteLine(symbol)} is not known`)
  return { cell, operations: operationsOfHall(setting.hall)!, at }
}

/** By SCALE1 to SCALE3, which differ from what CRYST1 says where the axes are no standard ones. */
function readScale(source: LineSource): ((r: Vec3) => Vec3) | undefined {
  const rows = [1, 2, 3].map((i) => {
    const n = findLine(source, new RegExp(`^SCALE${i}\\b`))
    const line = source.lines[n] ?? ''
    return [[10, 20], [20, 30], [30, 40], [45, 55]].map(([from, to]) => parseNumber(line.slice(from, to).trim())) // biome-ignore format: one line
  })
  if (rows.flat().includes(undefined)) return undefined
  const matrix = rows.map((row) => row.slice(0, 3)) as unknown as Mat3
  const shift = rows.map((row) => row[3]) as unknown as Vec3
  if (determinant(matrix) === 0) return undefined
  return (r) => plus([dot(matrix[0], r), dot(matrix[1], r), dot(matrix[2], r)], shift)
}
