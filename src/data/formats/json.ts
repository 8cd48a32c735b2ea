// Data sets as one JSON document, streamed: an array of records as pymatgen, MEGNet and JARVIS publish them, records under
// their ids, {"structures": […]}, or the {"columns": […], "data": [[…]]} that pandas and matbench write. Also lines of
// such records.

import { field, type JsonNode, parseJson } from '../../crystal/formats/json.ts'
import { rowAsObject, structureOfJson } from '../../crystal/formats/json-documents.ts'
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
        return crystalOfJson(isRow ? rowAsObject(node, columns) : node, fallbackId, options)
      },
    }
  }
}

/** A crystal from one JSON object: a record with fields, a bare structure, or the toolkit's own form. */
export function crystalOfJson(node: JsonNode, fallbackId: string, options: RecordOptions): LabelledCrystal {
  const record = node.value as Record<string, unknown>
  if (Object.hasOwn(record, 'frac') && Object.hasOwn(record, 'id')) return labelledCrystalOf(record)
  const fields = new Map(Object.entries(record))
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
  const structure =
    typeof value === 'string' ? structureOfText(value) : structureOfJson(field(node, name), CONTEXT).structure
  return { value: structure, fields: [name] }
}
