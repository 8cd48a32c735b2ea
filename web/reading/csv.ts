// CSV tables with the text of a structure in one column, as CDVAE publishes its sets: its other numbers are labels.

import { type Info, parse } from 'csv-parse/browser/esm/sync'
import { failureOf } from '../../src/components/failure.ts'
import { crystalOfFields, structureField, structureOfText } from '../../src/data/formats/fields.ts'
import { CrystalOnnxError, DatasetError } from '../../src/errors.ts'
import type { ReadRow } from '../crystals/batch.ts'

/** @throws DatasetError for what is no table, or has no column of structures */
export function* readTable(file: string, content: string | Uint8Array): Generator<ReadRow> {
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
  const [header, ...rows] = cellsOf(file, text)
  const columns = header?.record.map((name) => name.trim()) ?? []
  const structureColumn = structureField(columns, undefined)
  if (structureColumn === undefined) {
    const names = columns.join(', ').slice(0, 200)
    throw new DatasetError(
      `${file}: no column cif or structure with the text of a structure; columns are: ${names}`,
    )
  }
  let line = header.info.lines + 1
  for (const [index, { record, info }] of rows.entries()) {
    yield rowOf(file, index, line, new Map(columns.map((name, c) => [name, record[c]])), structureColumn)
    line = info.lines + 1
  }
}

function cellsOf(file: string, text: string): { record: string[]; info: Info }[] {
  try {
    return parse(text, {
      bom: true,
      delimiter: [',', ';', '\t'].find((separator) => text.split('\n', 1)[0].includes(separator)),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: Info }[]
  } catch (cause) {
    throw new DatasetError(`${file}: not CSV (${(cause as Error).message})`, { cause })
  }
}

function rowOf(
  file: string,
  index: number,
  line: number,
  fields: ReadonlyMap<string, string>,
  column: string,
): ReadRow {
  try {
    const value = structureOfText(fields.get(column) ?? '')
    const { structure, targets } = crystalOfFields(fields, { value, fields: [column] }, '', { targets: [] })
    return { file, index, structure, warnings: [], labels: targets }
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    const { code, message } = failureOf(error)
    return { file, index, warnings: [], failure: { code, message: `${file}, line ${line}: ${message}` } }
  }
}
