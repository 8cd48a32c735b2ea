// Data sets as one JSON document, streamed: an array of records as pymatgen, MEGNet and JARVIS publish them, records under
// their ids, {"structures": […]}, or the {"columns": […], "data": [[…]]} that pandas and matbench write. Also lines of
// such records.

import { field, type JsonNode, parseJson } from '../../crystal/formats/json.ts'
import { labelsOf, rowAsObject, structureOfJson } from '../../crystal/formats/json-documents.ts'
import { FORMATS } from '../../crystal/formats/table.ts'
import { MAX_SITES } from '../../crystal/read.ts'
import type { Structure } from '../../crystal/structure.ts'
import { DatasetError } from '../../errors.ts'
import { type LabelledCrystal, labelledCrystalOf } from '../labelled.ts'
import { crystalOfFields, STRUCTURE_FIELDS, structureField, structureOfText } from './fields.ts'
import { jsonElements } from './json-elements.ts'
import type { DatasetForm, DatasetRecord, RecordOptions } from './record.ts'

/** The structure of a record may be of any kind of JSON. */
const CONTEXT = { maxSites: MAX_SITES, formats: FORMATS, linesBefore: 0 }
/** Objects that say something of the file as a whole: OPTIMADE, tables of pandas. */
const OF_THE_FILE = new Set(['meta', 'links', 'schema'])
/** Fields of documents that are no numbers: what pymatgen writes of itself, and OPTIMADE. */
const NO_FIELD = /^@|^type$|^[cm]time$/
/** A table of more columns than this is something else. */
const MAX_COLUMNS = 10_000

export const json: DatasetForm<'json'> = {
  name: 'json',
  title: 'a JSON document',
  // Lines of records may be called .json, too.
  found: { endings: [], detect: (head) => /^[{[]/.test(head) && !startsWithRecord(head) },
  read: jsonRecords,
}

/** Whether a text begins with a record in a line of its own. */
export function startsWithRecord(text: string): boolean {
  if (!text.startsWith('{')) return false
  const end = text.indexOf('\n')
  const record = objectOf(end < 0 ? text : text.slice(0, end))
  // The first line of a document over several lines is no object of its own; nor does it end within a long head.
  if (record === undefined) return false
  return ['lattice', 'lattice_mat', 'frac', 'structure', 'atoms', 'cif'].some((key) =>
    Object.hasOwn(record, key),
  )
}

function objectOf(line: string): object | undefined {
  try {
    return JSON.parse(line.replace(/\b(?:NaN|-?Infinity)\b/g, 'null')) as object
  } catch {
    return undefined
  }
}

async function* jsonRecords(path: string, options: RecordOptions): AsyncGenerator<DatasetRecord> {
  const columns: string[] = []
  let number = 0
  for await (const { text, key, listed, line, bytesRead, fileBytes } of jsonElements(path, options.limits)) {
    if (key === 'columns' && listed && columns.length < MAX_COLUMNS) {
      const { value } = parseJson({ text, file: path, linesBefore: line - 1 })
      columns.push(typeof value === 'string' ? value : text)
    }
    if (key !== undefined && !listed && OF_THE_FILE.has(key)) continue
    const isRow = text.startsWith('[') && key === 'data' && columns.length > 0
    if (!isRow && !text.startsWith('{')) continue
    number++
    const fallbackId = key !== undefined && !listed ? key : String(number)
    yield {
      place: `record ${number} (line ${line})`,
      bytesRead,
      fileBytes,
      read() {
        const node = parseJson({ text, linesBefore: line - 1 })
        if (key !== undefined && !listed) refuseColumn(key, node.value)
        return crystalOfJson(isRow ? rowAsObject(node, columns) : node, fallbackId, options)
      },
    }
  }
}

/** @throws DatasetError for a column of structures, `{"0": …, "1": …}`, which is no record and holds none */
function refuseColumn(key: string, column: unknown): void {
  if (!STRUCTURE_FIELDS.some((name) => name === key) || typeof column !== 'object' || column === null) return
  const rows = Object.entries(column)
  if (rows.length === 0 || !rows.every(([row, cell]) => /^\d+$/.test(row) && typeof cell === 'object')) return
  throw new DatasetError(
    `"${key}" is a column of structures, as pandas writes a table by default; write it by rows: to_json(…, orient="split")`,
  )
}

/** A crystal from one JSON object: a record with fields, a bare structure, or the toolkit's own form. */
export function crystalOfJson(node: JsonNode, fallbackId: string, options: RecordOptions): LabelledCrystal {
  const record = node.value as Record<string, unknown>
  if (Object.hasOwn(record, 'frac') && Object.hasOwn(record, 'id')) return labelledCrystalOf(record)
  const own = Object.entries(record).filter(([name]) => !NO_FIELD.test(name))
  // Numbers beside the structure, such as those of OPTIMADE's attributes, stand behind fields of the record's own.
  const beside = Object.entries(labelsOf(node)).filter(([name]) => !Object.hasOwn(record, name))
  const fields = new Map([...own, ...beside])
  return crystalOfFields(fields, structureOf(node, fields, options), fallbackId, options)
}

/** The structure of a record, and the fields that it is made of. */
function structureOf(
  node: JsonNode,
  fields: ReadonlyMap<string, unknown>,
  options: RecordOptions,
): { value: Structure; fields: string[] } {
  const name = structureField(fields.keys(), options.structureField, STRUCTURE_FIELDS)
  if (name === undefined) {
    if (options.structureField !== undefined) {
      const names = [...fields.keys()].join(', ').slice(0, 300)
      throw new DatasetError(`there is no field "${options.structureField}"; fields are: ${names}`)
    }
    return { value: structureOfJson(node, CONTEXT).structure, fields: ['charge', 'volume'] }
  }
  const value = fields.get(name)
  refuseColumn(name, value)
  const structure =
    typeof value === 'string' ? structureOfText(value) : structureOfJson(field(node, name), CONTEXT).structure
  return { value: structure, fields: [name] }
}
