// The symmetry operations of a CIF data block: listed, or those of its Hall symbol, Hermann–Mauguin symbol or number.
// Not here: applying them (symmetry/expand.ts).

import { ParseError } from '../../errors.ts'
import type { CellParameters } from '../cell.ts'
import { operationsOfHall } from '../symmetry/hall.ts'
import { compose, IDENTITY, type Operation, operationKey, parseOperation } from '../symmetry/operation.ts'
import {
  type Setting,
  settingsForCell,
  settingsOfNumber,
  settingsOfSymbol,
} from '../symmetry/space-groups.ts'
import type { CifBlock, CifColumn } from './cif-syntax.ts'
import type { ReadContext } from './format.ts'

/** Tags of listed operations, newest first; magnetic ones last, for they may stand beside those of the nuclear structure. */
const OPERATIONS = [
  '_space_group_symop_operation_xyz',
  '_symmetry_equiv_pos_as_xyz',
  '_space_group_symop_magn_operation_xyz',
]
const CENTRING = '_space_group_symop_magn_centering_xyz'
const HALL = ['_space_group_name_hall', '_symmetry_space_group_name_hall']
const SYMBOL = [
  '_space_group_name_h-m_alt',
  '_symmetry_space_group_name_h-m',
  '_space_group_name_h-m_full',
  '_space_group_name_h-m',
  '_symmetry_space_group_name_h-m_alt',
]
const NUMBER = ['_space_group_it_number', '_symmetry_int_tables_number']

/** One way to read the symmetry of a block; there are two where a space group has two origins and the file does not say. */
export interface Symmetry {
  readonly operations: readonly Operation[]
  /** How a warning calls it: `origin choice 2 of F d -3 m`. Empty when nothing had to be assumed. */
  readonly assumed: string
}

/**
 * The symmetry of a block, most likely reading first.
 * @throws ParseError for an operation or space group that cannot be understood.
 */
export function symmetryOf(
  block: CifBlock,
  cell: CellParameters,
  context: ReadContext,
  warnings: string[],
): readonly Symmetry[] {
  const declared = declaredSettings(block, warnings)
  const listed = listedOperations(block, context)
  if (listed !== undefined) {
    const [setting] = settingsForCell(declared, cell)
    const order = setting && operationsOfHall(setting.hall)!.length
    if (order !== undefined && order !== listed.length) {
      warnings.push(
        `${listed.length} symmetry operations are listed, but ${setting.symbol} has ${order}; those listed are used`,
      )
    }
    return [{ operations: listed, assumed: '' }]
  }
  const hall = firstValue(block, HALL)
  if (hall !== undefined) {
    const operations = operationsOfHall(hall.value)
    if (operations !== undefined) return [{ operations, assumed: '' }]
    warnings.push(`line ${hall.line}: Hall symbol ${quote(hall.value)} is not understood and not used`)
  }
  if (declared.length > 0) {
    const settings = settingsForCell(declared, cell)
    return settings.map((setting) => ({
      operations: operationsOfHall(setting.hall)!,
      assumed: settings.length > 1 ? `origin choice ${setting.choice[0]} of ${setting.symbol}` : '',
    }))
  }
  const name = firstValue(block, SYMBOL) ?? firstValue(block, NUMBER)
  if (name !== undefined) {
    throw new ParseError(
      `space group ${quote(name.value)} is not known, and no symmetry operations are listed; ` +
        'list them under _space_group_symop_operation_xyz',
      { file: context.file, line: name.line },
    )
  }
  warnings.push('no symmetry is given; the atoms are taken as the whole cell (P 1)')
  return [{ operations: [IDENTITY], assumed: '' }]
}

/** Settings of the Hermann–Mauguin symbol, or else of the number. */
function declaredSettings(block: CifBlock, warnings: string[]): readonly Setting[] {
  const number = firstValue(block, NUMBER)
  const byNumber = number ? settingsOfNumber(Number(number.value)) : []
  for (const tag of SYMBOL) {
    const symbol = firstValue(block, [tag])
    const settings = symbol ? settingsOfSymbol(symbol.value) : []
    if (settings.length === 0) continue
    if (byNumber.length > 0 && byNumber[0].number !== settings[0].number) {
      warnings.push(`line ${symbol!.line}: ${settings[0].symbol} is not space group ${byNumber[0].number}`)
    }
    return settings
  }
  return byNumber
}

function listedOperations(block: CifBlock, context: ReadContext): Operation[] | undefined {
  const column = OPERATIONS.map((tag) => block.columns.get(tag)).find((c) =>
    c?.values.some((v) => v !== undefined),
  )
  if (column === undefined) return undefined
  const operations = parseColumn(column, context)
  const centring = block.columns.get(CENTRING)
  const centred = centring
    ? parseColumn(centring, context).flatMap((c) => operations.map((o) => compose(c, o)))
    : operations
  // Each operation once: magnetic lists hold pairs that differ in time reversal only.
  return [...new Map(centred.map((o) => [operationKey(o), o])).values()]
}

function parseColumn(column: CifColumn, context: ReadContext): Operation[] {
  const operations: Operation[] = []
  for (const [i, value] of column.values.entries()) {
    if (value === undefined) continue
    const operation = parseOperation(value)
    if (operation === undefined) {
      throw new ParseError(`${quote(value)} is no symmetry operation, expected one such as "-x, y+1/2, -z"`, {
        file: context.file,
        line: column.lines[i],
      })
    }
    operations.push(operation)
  }
  return operations
}

function firstValue(block: CifBlock, tags: readonly string[]): { value: string; line: number } | undefined {
  for (const tag of tags) {
    const column = block.columns.get(tag)
    const value = column?.values[0]?.trim()
    if (column !== undefined && value) return { value, line: column.lines[0] }
  }
  return undefined
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
