// A record of named fields, from a CSV row or a JSON object, as a labelled crystal: which field is the id, which the
// structure, which the split, and which are targets.

import { readStructures } from '../../crystal/read.ts'
import type { Structure } from '../../crystal/structure.ts'
import { DatasetError, ParseError } from '../../errors.ts'
import { type LabelledCrystal, labelledCrystal, SPLITS, type Split } from '../labelled.ts'
import type { RecordOptions } from './record.ts'

/** Names under which public data sets keep the structure, in order of preference. */
export const STRUCTURE_FIELDS = ['structure', 'atoms', 'cif', 'final_structure', 'poscar'] as const
/** Names under which they keep the id. */
export const ID_FIELDS = ['id', 'material_id', 'mp_id', 'mpid', 'jid', 'task_id'] as const
/** What pandas calls the column of its row numbers. */
const ROW_NUMBERS = new Set(['', 'Unnamed: 0', 'index'])
/** What stands for a missing number, in lower case. JARVIS writes "na". */
const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'none', 'null', '-'])
/** Not what else Number takes: 0x1f is the name of something. */
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i
const SPLIT_NAMES = new Map<string, Split>([
  ...SPLITS.map((split) => [split, split] as const),
  ['valid', 'val'],
  ['validation', 'val'],
])

/** The name among `names` that a record keeps its structure under; undefined when there is none. */
export function structureField(
  names: Iterable<string>,
  named: string | undefined,
  known: readonly string[] = STRUCTURE_FIELDS,
): string | undefined {
  const list = [...names]
  if (named !== undefined) return list.find((name) => name === named)
  return known
    .map((candidate) => list.find((name) => name.toLowerCase() === candidate))
    .find((name) => name !== undefined)
}

/**
 * Builds the crystal of a record.
 * @param fields by name, as the file gives them: numbers, or their texts
 * @param structure the structure, and the fields it was read from
 * @param fallbackId when no field is an id
 * @throws DatasetError for a target in `options.targets` that is no number, an unknown split, or an id field that is
 * not there.
 */
export function crystalOfFields(
  fields: ReadonlyMap<string, unknown>,
  structure: { readonly value: Structure; readonly fields: readonly string[] },
  fallbackId: string,
  options: Pick<RecordOptions, 'idField' | 'targets' | 'onText'>,
): LabelledCrystal {
  const idName = structureField(fields.keys(), options.idField, ID_FIELDS)
  if (idName === undefined && options.idField !== undefined) {
    throw new DatasetError(
      `there is no field "${options.idField}"; fields are: ${[...fields.keys()].join(', ')}`,
    )
  }
  const taken = new Set([...structure.fields, 'split', ...(idName === undefined ? [] : [idName])])
  const id = idName === undefined ? fallbackId : idOf(fields.get(idName), fallbackId)
  const targets: [string, number][] = []
  for (const [name, value] of fields) {
    if (taken.has(name) || ROW_NUMBERS.has(name)) continue
    const target = numberOf(value)
    if (target !== undefined) targets.push([name, target])
    else if (options.targets.includes(name) && !isMissing(value)) {
      throw new DatasetError(`target "${name}" is ${shown(value)}, expected a number or nothing`)
    } else if (typeof value === 'string' && !isMissing(value)) options.onText?.({ name, value, id })
  }
  return labelledCrystal({
    id,
    structure: structure.value,
    split: splitOf(fields.get('split')),
    targets,
  })
}

function idOf(value: unknown, fallback: string): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : fallback
}

function splitOf(value: unknown): Split | undefined {
  if (isMissing(value)) return undefined
  const split = typeof value === 'string' ? SPLIT_NAMES.get(value.trim().toLowerCase()) : undefined
  if (split === undefined) {
    throw new DatasetError(`"split" is ${shown(value)}, expected one of ${SPLITS.join(', ')}`)
  }
  return split
}

/** A number, the text of one, or true and false as 1 and 0. Undefined for everything else, infinities included. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^(?:true|false)$/i.test(text)) return Number(text.toLowerCase() === 'true')
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

export function isMissing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'number') return Number.isNaN(value)
  return typeof value === 'string' && MISSING.has(value.trim().toLowerCase())
}

/** The one structure in the text of a file of any format. @throws ParseError */
export function structureOfText(text: string): Structure {
  const structures = readStructures(text)
  if (structures.length !== 1) {
    throw new ParseError(`the text holds ${structures.length} structures, expected one`)
  }
  if (structures[0].placeholders) throw new ParseError('the structure does not name its elements')
  return structures[0].structure
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
