// The symmetry operations of a CIF data block: listed, or those of its Hall symbol, Hermann–Mauguin symbol or number.
// Not here: applying them (symmetry/expand.ts).

import { ParseError } from '../../errors.ts'
import { UNIT_MATRIX } from '../../math/vectors.ts'
import type { CellParameters } from '../cell.ts'
import { operationsOfHall } from '../symmetry/hall.ts'
import {
  apply,
  compose,
  formatOperation,
  group,
  IDENTITY,
  type Operation,
  operationKey,
  parseOperation,
  parseSuperspaceOperation,
  translation,
} from '../symmetry/operation.ts'
import {
  type Setting,
  settingsForCell,
  settingsOfNumber,
  settingsOfSymbol,
} from '../symmetry/space-groups.ts'
import type { CifBlock, CifColumn } from './cif-syntax.ts'
import type { ReadContext } from './format.ts'

/** Of the tags that say something here; the patterns take long on much longer ones. */
const LONGEST_TAG = 100
/** Tags of listed operations, newest first; magnetic ones after them, for they may stand beside those of the nuclei. */
const OPERATIONS = ['_space_group_symop_operation_xyz', '_symmetry_equiv_pos_as_xyz']
const MAGNETIC = /^_(?!.*(?:centering|mxmymz)).*(?:symop|symmetry_equiv|magn).*(?:operation|pos_as)_xyz$/
const SUPERSPACE = /^_space_group_symop_(?:magn_)?ssg_operation_algebraic$/
const CENTRING = /^_.*magn.*centering_(?:xyz|algebraic)$/
const HALL = ['_space_group_name_hall', '_symmetry_space_group_name_hall']
const SYMBOL = [
  '_space_group_name_h-m_alt',
  '_symmetry_space_group_name_h-m',
  '_space_group_name_h-m_full',
  '_space_group_name_h-m',
  '_symmetry_space_group_name_h-m_alt',
]
const NUMBER = ['_space_group_it_number', '_symmetry_int_tables_number']
const CODE = ['_space_group_it_coordinate_system_code', '_symmetry_it_coordinate_system_code']

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
  checkModulation(block, context, warnings)
  const declared = inSystem(block, declaredSettings(block, warnings), warnings)
  const read = listedOperations(block, context, warnings)
  if (read !== undefined) {
    const [setting] = settingsForCell(declared, cell)
    const order = setting && operationsOfHall(setting.hall)!.length
    const listed = completed(read, warnings)
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
    if (operations !== undefined) {
      checkHall(operations, hall, declared, warnings)
      return [{ operations, assumed: '' }]
    }
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

interface Completed {
  readonly operations: readonly Operation[]
  readonly warning?: string
}

/** By the list as it was read, which files of one data set share. */
const COMPLETED = new WeakMap<readonly Operation[], Completed>()

/**
 * The group that listed operations make. A CIF lists all of them, so that what is not there was forgotten: most often the
 * identity.
 */
function completed(listed: readonly Operation[], warnings: string[]): readonly Operation[] {
  const known = COMPLETED.get(listed) ?? groupOf(listed)
  COMPLETED.set(listed, known)
  if (known.warning !== undefined) warnings.push(known.warning)
  return known.operations
}

function groupOf(listed: readonly Operation[]): Completed {
  const generators: Operation[] = []
  let all: readonly Operation[] = [IDENTITY]
  let keys = new Set(all.map(operationKey))
  const some = `the ${listed.length} symmetry operations listed are`
  for (const operation of listed) {
    if (keys.has(operationKey(operation))) continue
    generators.push(operation)
    const next = group(generators)
    if (next === undefined)
      return { operations: listed, warning: `${some} those of no space group; check them` }
    all = next
    keys = new Set(all.map(operationKey))
  }
  if (all.length === listed.length) return { operations: listed }
  if (!all.every(({ translation }) => translation.every(isTwentyFourth))) {
    return { operations: listed, warning: `${some} no group; check their translations` }
  }
  const missing = all.find((o) => !listed.some((other) => operationKey(other) === operationKey(o)))!
  const warning = `${some} no group, ${quote(formatOperation(missing))} is missing; all ${all.length} of the group are used`
  return { operations: all, warning }
}

function isTwentyFourth(w: number): boolean {
  return Math.abs(24 * w - Math.round(24 * w)) < 1e-4
}

/** A Hall symbol counts more than other names, as it leaves nothing open. */
function checkHall(
  operations: readonly Operation[],
  { value, line }: { value: string; line: number },
  declared: readonly Setting[],
  warnings: string[],
): void {
  const orders = declared.map(({ hall }) => operationsOfHall(hall)!.length)
  if (orders.length === 0 || orders.includes(operations.length)) return
  warnings.push(
    `line ${line}: Hall symbol ${quote(value)} has ${operations.length} symmetry operations, but ${declared[0].symbol} has ${orders[0]}; those of the Hall symbol are used`,
  )
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

/**
 * The settings among those declared that have the code of their coordinate system, such as 1, b1, H or 2cab; the axes abc
 * are left out in the table.
 */
function inSystem(block: CifBlock, settings: readonly Setting[], warnings: string[]): readonly Setting[] {
  const code = firstValue(block, CODE)
  if (code === undefined || settings.length === 0) return settings
  const choice = code.value.toLowerCase().replace(/^([12]?)abc$/, '$1')
  const has = (setting: Setting) => setting.choice.toLowerCase() === choice
  const named = settings.filter(has)
  if (named.length > 0) return named
  warnings.push(
    `line ${code.line}: coordinate system ${quote(code.value)} is none of ${settings[0].symbol} and not used`,
  )
  return settings
}

/** A modulated structure is read as its average, where there is one. @throws ParseError for a composite of several. */
function checkModulation(block: CifBlock, { file }: ReadContext, warnings: string[]): void {
  const parts = firstValue(block, ['_cell_subsystems_number'])
  if (Number(parts?.value) > 1) {
    throw new ParseError(`a composite of ${parts!.value} subsystems, which have no common cell`, {
      file,
      line: parts!.line,
    })
  }
  const dimension = Number(firstValue(block, ['_cell_modulation_dimension'])?.value ?? 0)
  const tags =
    /^_(?:space_group_(?:symop_)?(?:magn_)?ssg_|cell_wave_vector_|atom_site_(?:[a-z]{1,20}_){0,3}(?:fourier|legendre|xharm|ortho|special_func)_)/
  const marked = [...block.columns].some(([tag, { values }]) => tags.test(tag) && values[0] !== undefined)
  if (dimension > 0 || marked) {
    warnings.push('the structure is modulated; its average is read, without the modulation')
  }
}

function listedOperations(
  block: CifBlock,
  context: ReadContext,
  warnings: string[],
): readonly Operation[] | undefined {
  const filled = (tag: string) => block.columns.get(tag)?.values.some((v) => v !== undefined)
  const tags = [...block.columns.keys()].filter((tag) => tag.length <= LONGEST_TAG)
  const matching = (pattern: RegExp) => tags.find((tag) => pattern.test(tag) && filled(tag))
  const nuclear = OPERATIONS.find(filled)
  const tag = nuclear ?? matching(MAGNETIC) ?? matching(SUPERSPACE)
  if (tag === undefined) {
    checkUnlisted(block, context)
    return undefined
  }
  checkOtherLists(block, tag, warnings)
  const columns = [tag, nuclear === undefined ? matching(CENTRING) : undefined].flatMap((name) =>
    name === undefined ? [] : block.columns.get(name)!,
  )
  const text = textOf(columns)
  const before = text === undefined ? undefined : LISTS.get(text)
  if (before !== undefined) return before
  const [operations, centrings] = columns.map((column) => parseColumn(column, context))
  const centred = centrings ? centrings.flatMap((c) => operations.map((o) => compose(c, o))) : operations
  // Each operation once: magnetic lists hold pairs that differ in time reversal only.
  const distinct = [...new Map(centred.map((o) => [operationKey(o), o])).values()]
  checkLattice(distinct, { file: context.file, line: columns[0].lines[0] })
  if (text !== undefined) remember(text, distinct)
  return distinct
}

/** @throws ParseError for a group that only its operations tell, where they are not listed */
function checkUnlisted(block: CifBlock, { file }: ReadContext): void {
  if (firstValue(block, [...HALL, ...SYMBOL, ...NUMBER])) return
  for (const [kind, names, list] of UNLISTED) {
    const name = firstValue(block, names)
    if (name === undefined) continue
    throw new ParseError(
      `${kind} group ${quote(name.value)} without its operations; list them under ${list}`,
      { file, line: name.line },
    )
  }
}

const UNLISTED: readonly [kind: string, names: readonly string[], list: string][] = [
  [
    'superspace',
    ['_space_group_ssg_name', '_space_group_magn_ssg_name'],
    '_space_group_symop_ssg_operation_algebraic',
  ],
  [
    'magnetic',
    ['bns', 'og'].flatMap((s) => ['name', 'number'].map((what) => `_space_group_magn_${what}_${s}`)),
    '_space_group_symop_magn_operation.xyz',
  ],
]

/** A second list of operations, of the older tag, is to hold as many. */
function checkOtherLists(block: CifBlock, used: string, warnings: string[]): void {
  const count = (tag: string) => block.columns.get(tag)?.values.filter((v) => v !== undefined).length ?? 0
  for (const tag of OPERATIONS) {
    const [here, there] = [count(used), count(tag)]
    if (!OPERATIONS.includes(used) || there === 0 || there === here) continue
    warnings.push(
      `${here} symmetry operations are listed under ${used}, but ${there} under ${tag}; the first are used`,
    )
  }
}

/** Lists that were read, by their text: files of one data set have few. */
const LISTS = new Map<string, readonly Operation[]>()
const MOST_LISTS = 128
const LONGEST_LIST = 8192

/** What tells one list from another; undefined where more than its values does. */
function textOf(columns: readonly CifColumn[]): string | undefined {
  if (columns.some(({ ragged }) => ragged !== undefined)) return undefined
  // Parts of operations go together by their lines.
  if (columns.some(({ values }) => values.some((value) => value !== undefined && isPart(value))))
    return undefined
  const text = columns.map(({ values }) => `${values.join('\n')}\n`).join('\f')
  return text.length > LONGEST_LIST ? undefined : text
}

function remember(text: string, operations: readonly Operation[]): void {
  if (LISTS.size >= MOST_LISTS) LISTS.delete(LISTS.keys().next().value!)
  LISTS.set(text, operations)
}

/** Whether a value is a part of an operation that was written with blanks and without quotes. */
function isPart(value: string): boolean {
  const comma = value.indexOf(',')
  return comma === -1 || comma === value.trimEnd().length - 1
}

/** An operation with fractions in W takes lattice points to others only where the centrings are listed, too. */
function checkLattice(operations: readonly Operation[], where: { file?: string; line: number }): void {
  const centrings = new Set(
    operations.filter(({ rotation }) => `${rotation}` === `${UNIT_MATRIX}`).map(operationKey),
  )
  for (const operation of operations) {
    if (operation.rotation.flat().every(Number.isInteger)) continue
    const columns = UNIT_MATRIX.map((e) => apply({ ...operation, translation: [0, 0, 0] }, e))
    if (columns.every((w) => centrings.has(operationKey(translation(w))))) continue
    throw new ParseError(
      `${quote(formatOperation(operation))} takes lattice points to none; list the centring translations, too`,
      where,
    )
  }
}

function parseColumn(column: CifColumn, context: ReadContext): Operation[] {
  const found = listOf(column).map(({ text, line }) => ({
    operation: parseOperation(text) ?? parseSuperspaceOperation(text),
    ...{ text, line },
  }))
  const wrong = found.find(({ operation }) => operation === undefined)
  if (wrong === undefined && column.ragged === undefined) return found.map(({ operation }) => operation!)
  const where = { file: context.file, line: column.ragged ?? wrong!.line }
  if (column.ragged !== undefined)
    throw new ParseError('the loop of symmetry operations has an incomplete row', where)
  throw new ParseError(
    `${quote(wrong!.text)} is no symmetry operation, expected one such as "-x, y+1/2, -z"`,
    where,
  )
}

/** The operations as written: a value each, the lines of one text, or, of those with blanks and without quotes, a line each. */
function listOf({ values, lines }: CifColumn): { text: string; line: number }[] {
  const list = values.flatMap((text, i) => (text === undefined ? [] : [{ text, line: lines[i] }]))
  const written = list.flatMap(({ text, line }) =>
    text.includes('\n')
      ? text.split('\n').flatMap((part, n) => (part.trim() === '' ? [] : [{ text: part, line: line + n }]))
      : [{ text, line }],
  )
  if (!list.some(({ text }) => isPart(text))) return written
  const byLine = new Map<number, string>()
  for (const { text, line } of written) byLine.set(line, `${byLine.get(line) ?? ''} ${text}`)
  return [...byLine].map(([line, text]) => ({ text: text.trim(), line }))
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
