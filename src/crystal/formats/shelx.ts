// SHELX files, .res and .ins (Sheldrick 2015, Acta Cryst. C71, 3; http://shelx.uni-goettingen.de): cell, lattice, symmetry and
// atoms, with fixed and free variables worked out. Also those that AIRSS writes.

import { negated, UNIT_MATRIX, type Vec3 } from '../../math/vectors.ts'
import { type CellParameters, latticeFromParameters } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { structure } from '../structure.ts'
import { expandSites, type ListedAtom } from '../symmetry/expand.ts'
import { group, type Operation, parseOperation, translation } from '../symmetry/operation.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import { failAt, type LineSource, lineNumber, quoteLine, sourceOf, wordsOf } from './lines.ts'
import { attempt, parseNumber } from './reading.ts'

export const shelx: FileFormat<'shelx'> = {
  name: 'shelx',
  title: 'SHELX',
  endings: ['.res', '.ins'],
  detect: (text) => /^CELL(?:\s+[\d.]+){7}/m.test(text) && /^SFAC\s/m.test(text),
  read: readShelx,
}

function* readShelx(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) =>
    readOne(joined(sourceOf(text, context)), warnings),
  )
}

/** A line that ends in = goes on with the next, which is left empty. */
function joined({ lines, context }: LineSource): LineSource {
  const whole = [...lines]
  for (let n = 0; n + 1 < whole.length; n++) {
    if (!/=\s*$/.test(whole[n]) || /^REM/i.test(whole[n])) continue
    ;[whole[n], whole[n + 1]] = [whole[n].replace(/=\s*$/, ' ') + whole[n + 1].slice(0, 1000), '']
  }
  return { lines: whole, context }
}

/** Instructions that may look like atoms: a word and numbers. */
const INSTRUCTIONS = new Set(
  (
    'TITL CELL ZERR LATT SYMM SFAC DISP UNIT LAUE REM MORE TIME END OMIT SHEL BASF TWIN EXTI SWAT HOPE MERG SPEC RESI MOVE ' +
    'ANIS AFIX HFIX FRAG FEND EXYZ EADP EQIV CONN PART BIND FREE DFIX DANG BUMP SAME SADI CHIV FLAT DELU SIMU ISOR ' +
    'NCSY SUMP RIGU L.S. CGLS SLIM DEFS WGHT FVAR HTAB BOND CONF MPLA RTAB LIST ACTA SIZE TEMP WPDB FMAP GRID PLAN ' +
    'MOLE HKLF ABIN ANSC ANSR NEUT STIR TWST XNPD CMPT PRIG'
  ).split(' '),
)

const CENTRINGS: readonly (readonly Vec3[])[] = [
  [],
  [[1 / 2, 1 / 2, 1 / 2]],
  [[2 / 3, 1 / 3, 1 / 3]],
  [[0, 1 / 2, 1 / 2], [1 / 2, 0, 1 / 2]], // biome-ignore format: one lattice a line
  [[0, 1 / 2, 1 / 2]],
  [[1 / 2, 0, 1 / 2]],
  [[1 / 2, 1 / 2, 0]],
]

function readOne(source: LineSource, warnings: string[]): Found {
  let cell: CellParameters | undefined
  let name: string | undefined
  let lattice = 1
  const symmetry: Operation[] = []
  const scatterers: string[] = []
  const variables: number[] = []
  const rows: number[] = []
  for (const [n, line] of source.lines.entries()) {
    const [word = '', ...rest] = wordsOf(line)
    const keyword = word.toUpperCase().replace(/_.*/, '')
    const numbers = () => rest.map(parseNumber).filter((x) => x !== undefined)
    if (keyword === 'TITL') name ??= rest.join(' ')
    else if (keyword === 'CELL') cell = numbers().slice(1, 7) as unknown as CellParameters
    else if (keyword === 'LATT') lattice = Number(rest[0])
    else if (keyword === 'SYMM') {
      const operation = parseOperation(line.slice(4))
      if (operation === undefined) throw failAt(source, n, `${quoteLine(line)}: no symmetry operation`)
      symmetry.push(operation)
    } else if (keyword === 'SFAC') {
      // Its long form gives the coefficients of one element.
      scatterers.push(...(parseNumber(rest[1] ?? '') === undefined ? rest : rest.slice(0, 1)))
    } else if (keyword === 'FVAR') variables.push(...numbers())
    else if (keyword === 'HKLF' || keyword === 'END') break
    else if (
      /^[A-Z]/.test(keyword) &&
      !INSTRUCTIONS.has(keyword) &&
      !/^Q\d+$/.test(keyword) &&
      /^\d+$/.test(rest[0] ?? '') &&
      rest.length >= 4
    )
      rows.push(n)
  }
  if (cell === undefined || cell.length !== 6)
    throw failAt(source, 0, 'no CELL with its wavelength, lengths and angles')
  const centrings = CENTRINGS[Math.abs(lattice) - 1]
  if (centrings === undefined) throw failAt(source, 0, `LATT ${lattice} is not known, expected ±1 to ±7`)
  const inversion: Operation[] =
    lattice > 0
      ? [{ rotation: UNIT_MATRIX.map(negated) as unknown as Operation['rotation'], translation: [0, 0, 0] }]
      : []
  const operations = group([...symmetry, ...inversion, ...centrings.map(translation)])
  if (operations === undefined) throw failAt(source, 0, 'LATT and SYMM make no space group')

  const axes = latticeFromParameters(cell)
  const atoms = rows.map((n): ListedAtom => {
    const [label, kind, ...rest] = wordsOf(source.lines[n])
    const element = elementOfSymbol((scatterers[Number(kind) - 1] ?? '').replace(/^\$/, ''))
    if (element === undefined) throw failAt(source, n, `${label}: SFAC has no element ${kind}`)
    const value = (text: string | undefined) => {
      const number = refined(parseNumber(text ?? ''), variables)
      if (number === undefined)
        throw failAt(source, n, `${quoteLine(source.lines[n])}: expected coordinates and occupancy`)
      return number
    }
    const frac: Vec3 = [value(rest[0]), value(rest[1]), value(rest[2])]
    const occupancy = rest[3] === undefined ? 1 : value(rest[3])
    if (!(occupancy > 0))
      throw failAt(source, n, `occupancy ${occupancy} of ${label}, expected a positive number`)
    return { frac, element, occupancy, label: `${label} (line ${lineNumber(source, n)})` }
  })
  if (atoms.length === 0) throw failAt(source, 0, 'no atoms')
  // The number is the share of a general position: an atom on an inversion centre has 1/2.
  const once = expandSites(
    axes,
    atoms.map((atom) => ({ ...atom, occupancy: 1e-6 })),
    operations,
    source.context.maxSites,
  )
  const full = atoms.map((atom, i) => ({
    ...atom,
    occupancy: (atom.occupancy * operations.length) / once.multiplicities[i],
  }))
  const asGiven = full.filter(({ occupancy }) => occupancy > 1.05).length
  if (asGiven > 0) {
    warnings.push(
      `occupancies of ${asGiven} atoms do not count their special positions; all are taken as those of the sites`,
    )
  }
  const sites = expandSites(
    axes,
    asGiven > 0 ? atoms : full.map(rounded),
    operations,
    source.context.maxSites,
  )
  warnings.push(...sites.warnings)
  return {
    structure: structure({
      lattice: axes,
      frac: sites.frac,
      species: sites.species,
      name: name || undefined,
    }),
  }
}

/** 10.33333 times 3 is 1. */
function rounded(atom: ListedAtom): ListedAtom {
  return Math.abs(atom.occupancy - 1) < 1e-3 ? { ...atom, occupancy: 1 } : atom
}

/** A parameter as SHELXL codes it: 10 + p is p, held; 10·m + p is p times variable m; −(10·m + p) is p times 1 − it. */
function refined(x: number | undefined, variables: readonly number[]): number | undefined {
  if (x === undefined) return undefined
  const m = Math.round(x / 10)
  const p = x - 10 * m
  if (m === 0 || m === 1) return p
  const variable = variables[Math.abs(m) - 1]
  return variable === undefined ? undefined : m > 0 ? p * variable : p * (variable - 1)
}
