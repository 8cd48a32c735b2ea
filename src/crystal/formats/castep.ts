// .cell files of CASTEP (https://castep-docs.github.io): the blocks of the lattice and of the positions, with their units, and
// atoms that are mixed on one site. Symmetry, masses and the like are not kept: all atoms of the cell are listed.

import { LimitError } from '../../errors.ts'
import { type Mat3, scaled } from '../../math/vectors.ts'
import { type CellParameters, fractionalOf, latticeFromParameters } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { structure } from '../structure.ts'
import { expandSites, type ListedAtom } from '../symmetry/expand.ts'
import { IDENTITY } from '../symmetry/operation.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import {
  failAt,
  findLine,
  type LineSource,
  lineNumber,
  matrixAt,
  quoteLine,
  sourceOf,
  vectorAt,
  wordsOf,
} from './lines.ts'
import { attempt, parseNumber } from './reading.ts'
import { LENGTHS } from './units.ts'

export const castep: FileFormat<'castep'> = {
  name: 'castep',
  title: 'CASTEP cell',
  endings: ['.cell'],
  detect: (text) => /^[ \t]*%block[ \t]+(?:lattice_(?:cart|abc)|positions_(?:frac|abs))\b/im.test(text),
  read: readCastep,
}

function* readCastep(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) =>
    readOne(plain(sourceOf(text, context)), warnings),
  )
}

/** Without comments, which begin with ! # or ;. */
function plain({ lines, context }: LineSource): LineSource {
  return { lines: lines.map((line) => line.replace(/[!#;].*/, '')), context }
}

function readOne(source: LineSource, warnings: string[]): Found {
  const lattice = readLattice(source)
  const fractional = blockOf(source, 'positions_frac')
  const block = fractional ?? blockOf(source, 'positions_abs')
  if (block === undefined) throw failAt(source, 0, 'no block POSITIONS_FRAC or POSITIONS_ABS')
  const toFractional = fractionalOf(lattice)
  const atoms: ListedAtom[] = []
  for (const n of block.rows) {
    const [name] = wordsOf(source.lines[n])
    // `Fe:1` is a kind of iron of its own.
    const element = elementOfSymbol(name.replace(/:.*/, ''))
    if (element === undefined) throw failAt(source, n, `${quoteLine(name)} is no element`)
    const at = vectorAt(source, n, 'position', 1)
    const [, share] =
      /MIXTURE\s*[:=]?\s*\(\s*\d+\s+([\d.eE+-]+)\s*\)/i.exec(source.lines[n].slice(0, 1000)) ?? []
    const occupancy = share === undefined ? 1 : Number(share)
    if (!(occupancy > 0)) throw failAt(source, n, `MIXTURE ${quoteLine(share)} is no share of a site`)
    const frac = fractional ? at : toFractional(scaled(at, block.unit))
    atoms.push({ frac, element, occupancy, label: `${name} (line ${lineNumber(source, n)})` })
    if (atoms.length > source.context.maxSites)
      throw new LimitError(`more than ${source.context.maxSites} atoms`)
  }
  const sites = expandSites(lattice, atoms, [IDENTITY], source.context.maxSites)
  warnings.push(...sites.warnings)
  return { structure: structure({ lattice, frac: sites.frac, species: sites.species }) }
}

function readLattice(source: LineSource): Mat3 {
  const vectors = blockOf(source, 'lattice_cart')
  const parameters = blockOf(source, 'lattice_abc')
  const block = vectors ?? parameters
  if (block === undefined) throw failAt(source, 0, 'no block LATTICE_CART or LATTICE_ABC')
  const [first] = block.rows
  if (block.rows.length < (vectors ? 3 : 2))
    throw failAt(source, first ?? 0, 'the block of the lattice is too short')
  if (vectors) {
    const [a, b, c] = matrixAt(source, first, 'LATTICE_CART')
    return [scaled(a, block.unit), scaled(b, block.unit), scaled(c, block.unit)]
  }
  const lengths = scaled(vectorAt(source, first, 'LATTICE_ABC'), block.unit)
  return latticeFromParameters([
    ...lengths,
    ...vectorAt(source, first + 1, 'LATTICE_ABC'),
  ] as unknown as CellParameters)
}

/** The lines of a block that hold something, and the length in Å of its unit, which may stand on a line of its own. */
function blockOf(source: LineSource, name: string): { rows: number[]; unit: number } | undefined {
  const start = findLine(source, new RegExp(`^\\s*%block\\s+${name}\\b`, 'i'))
  if (start === -1) return undefined
  const end = findLine(source, /^\s*%endblock\b/i, start)
  if (end === -1) throw failAt(source, start, `block ${name} is never closed by %ENDBLOCK`)
  const rows: number[] = []
  for (let n = start + 1; n < end; n++) if (source.lines[n].trim() !== '') rows.push(n)
  const [unit, ...more] = wordsOf(source.lines[rows[0]])
  if (more.length > 0 || unit === undefined || parseNumber(unit) !== undefined) return { rows, unit: 1 }
  const length = LENGTHS.get(unit.toLowerCase())
  if (length === undefined) throw failAt(source, rows[0], `${quoteLine(unit)} is no unit of length`)
  return { rows: rows.slice(1), unit: length }
}
