// Crystallographic Information Files, magnetic ones included (their moments are not kept): reading every data block that
// holds a structure, and writing one in P 1. Syntax, atoms,
// symmetry and origins are in the files beside it.

import { ParseError, StructureError } from '../../errors.ts'
import { type CellParameters, latticeFromParameters, latticeParameters } from '../cell.ts'
import { symbolOf } from '../elements.ts'
import { formula } from '../formula.ts'
import { cellVolume, type Structure, structure } from '../structure.ts'
import { distortion } from '../symmetry/distortion.ts'
import { type ExpandedSites, expandSites } from '../symmetry/expand.ts'
import { listedAtoms, listsAtoms } from './cif-atoms.ts'
import { formulaWarning } from './cif-formula.ts'
import { originEvidence } from './cif-origin.ts'
import { type Symmetry, symmetryOf } from './cif-symmetry.ts'
import { type CifBlock, cifBlocks } from './cif-syntax.ts'
import type { FileFormat, ReadContext, Reading } from './format.ts'
import { attempt, parseNumber } from './reading.ts'

export const cif: FileFormat<'cif'> = {
  name: 'cif',
  title: 'CIF',
  endings: ['.cif', '.mcif'],
  // JSON may hold the text of one.
  detect: (text) => /^data_/im.test(text) && !/^\s*[{[]/.test(text),
  read: readCif,
  write: writeCif,
}

const CELL = ['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma'].map(
  (t) => `_cell_${t}`,
)

/** Relative change of a lattice vector that an operation of its own symmetry may cause by rounding. */
const DISTORTED = 0.01

/**
 * Reads every data block that lists atoms. Blocks that do not (text, powder patterns) are passed over, unless no block of
 * the file has any.
 */
function* readCif(text: string, context: ReadContext): Generator<Reading> {
  let passedOver: CifBlock | undefined
  let found = false
  for (const block of cifBlocks(text, context.file, context.linesBefore)) {
    if (block.error !== undefined) yield { error: block.error, warnings: block.warnings }
    else if (listsAtoms(block)) {
      yield attempt(context, block.line, (warnings) => ({ structure: readBlock(block, context, warnings) }))
    } else {
      passedOver ??= block
      continue
    }
    found = true
  }
  if (!found && passedOver !== undefined) {
    throw new ParseError(`data block ${passedOver.name} lists no atoms: there is no _atom_site_fract_x`, {
      file: context.file,
      line: passedOver.line,
    })
  }
}

function readBlock(block: CifBlock, context: ReadContext, warnings: string[]): Structure {
  warnings.push(...block.warnings)
  const cell = CELL.map((tag) => cellNumber(block, tag, context, warnings)) as unknown as CellParameters
  const lattice = latticeFromParameters(cell)
  warnings.push(...volumeWarning(block, Math.abs(cellVolume(lattice))))
  const atoms = listedAtoms(block, lattice, context, warnings)
  if (atoms.length === 0) {
    throw new ParseError(`data block ${block.name} places no atoms`, { file: context.file, line: block.line })
  }
  const readings = symmetryOf(block, cell, context, warnings)
  const expand = ({ operations }: Symmetry) => expandSites(lattice, atoms, operations, context.maxSites)
  const { symmetry, sites } = chosen(readings, expand, () =>
    originEvidence(block, atoms, Math.abs(cellVolume(lattice))),
  )
  if (symmetry.assumed !== '') warnings.push(`${symmetry.assumed} was assumed; the file does not say which`)
  if (distortion(symmetry.operations, lattice) > DISTORTED)
    warnings.push('the cell does not have the symmetry of the space group; check its angles')
  warnings.push(...sites.warnings)
  const result = structure({
    lattice,
    frac: sites.frac,
    species: sites.species,
    name: block.name || undefined,
  })
  warnings.push(...formulaWarning(block, result))
  return result
}

function cellNumber(block: CifBlock, tag: string, context: ReadContext, warnings: string[]): number {
  const column = block.columns.get(tag)
  const text = column?.values[0]
  if (column === undefined && tag.includes('angle')) {
    warnings.push(`there is no ${tag}; it is 90° then, by the dictionary of CIF`)
    return 90
  }
  if (column === undefined || text === undefined) {
    throw new ParseError(`data block ${block.name} has no ${tag}`, { file: context.file, line: block.line })
  }
  const value = parseNumber(text.trim())
  if (value === undefined) {
    const where = { file: context.file, line: column.lines[0] }
    throw new ParseError(`${tag} ${JSON.stringify(text.slice(0, 40))} is not a number`, where)
  }
  return value
}

/** Relative difference of volumes that rounding of lengths and angles explains. */
const SAME_VOLUME = 0.02

/** Says when the cell has another volume than the file declares: one of its lengths or angles is wrong, or their unit. */
function volumeWarning(block: CifBlock, volume: number): string[] {
  const declared = parseNumber(block.columns.get('_cell_volume')?.values[0]?.trim() ?? '')
  if (declared === undefined || Math.abs(volume - declared) <= SAME_VOLUME * declared) return []
  return [
    `the cell has ${volume.toPrecision(5)} Å³, but the file declares ${declared}; check its lengths and angles`,
  ]
}

/** Of two possible origins the one that the first telling declaration fits, else the first. */
function chosen(
  readings: readonly Symmetry[],
  expand: (s: Symmetry) => ExpandedSites,
  evidence: () => ReturnType<typeof originEvidence>,
): { symmetry: Symmetry; sites: ExpandedSites } {
  if (readings.length === 1) return { symmetry: readings[0], sites: expand(readings[0]) }
  const cells = readings.flatMap((symmetry) => {
    try {
      return [{ symmetry, sites: expand(symmetry) }]
    } catch (error) {
      // Atoms of two elements on one place: the other origin is meant.
      if (error instanceof StructureError) return []
      throw error
    }
  })
  if (cells.length === 0) return { symmetry: readings[0], sites: expand(readings[0]) }
  for (const fits of evidence()) {
    const said = cells.map(({ sites }) => fits(sites))
    if (said.includes(true) && said.includes(false)) {
      const { symmetry, sites } = cells[said.indexOf(true)]
      return { symmetry: { ...symmetry, assumed: '' }, sites }
    }
  }
  return cells[0]
}

/** One data block in P 1 with every atom. The orientation of the lattice is not kept: CIF has no place for it. */
function writeCif(s: Structure): string {
  const cell = latticeParameters(s.lattice)
  const lines = [
    `data_${(s.name || 'structure').replace(/\s+/g, '_').slice(0, 70)}`,
    `_chemical_formula_sum '${formula(s)}'`,
    ...CELL.map((tag, i) => `${tag} ${Number(cell[i].toPrecision(15))}`),
    "_space_group_name_H-M_alt 'P 1'",
    '_space_group_IT_number 1',
    'loop_',
    '_space_group_symop_operation_xyz',
    "'x, y, z'",
    'loop_',
    '_atom_site_label',
    '_atom_site_type_symbol',
    ...FRACT_AND_OCCUPANCY,
  ]
  for (const [i, site] of s.species.entries()) {
    for (const { element, occupancy } of site) {
      const symbol = symbolOf(element)
      lines.push([`${symbol}${i + 1}`, symbol, ...s.frac[i], occupancy].join(' '))
    }
  }
  return `${lines.join('\n')}\n`
}

const FRACT_AND_OCCUPANCY = ['fract_x', 'fract_y', 'fract_z', 'occupancy'].map((t) => `_atom_site_${t}`)
