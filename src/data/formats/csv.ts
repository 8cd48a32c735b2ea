// CSV files with the text of a structure in one column, as CDVAE publishes its sets: material_id, cif, band_gap, …
// The first row names the columns; every other column of numbers is a target.

import { DatasetError } from '../../errors.ts'
import { csvRows, SEPARATORS } from './csv-rows.ts'
import { crystalOfFields, STRUCTURE_FIELDS, structureField, structureOfText } from './fields.ts'
import type { DatasetForm, DatasetRecord, RecordOptions } from './record.ts'

export const csv: DatasetForm<'csv'> = {
  name: 'csv',
  title: 'CSV with a column of CIF',
  found: {
    endings: ['.csv'],
    detect: (head) => startsTable(head),
  },
  read: csvRecords,
}

/**
 * Whether a text begins with the names of columns, one of them for structures; a line that names the separator may stand
 * before. The title of a POSCAR may look the same: the line below tells.
 */
export function startsTable(head: string): boolean {
  if (/^\s*[{[]/.test(head)) return false
  const text = head.replace(/^\uFEFF?"?sep=."?\r?\n/i, '')
  const [names, ...below] = text.split('\n', LINES_OF_HEAD)
  const row = below.find((line) => line.trim() !== '')
  return SEPARATORS.some(
    (separator) =>
      names.includes(separator) &&
      names.split(separator).some(mayNameStructures) &&
      (row === undefined || row.includes(separator) || row.startsWith('"')),
  )
}

/** Rows that are looked at for one that is not empty. */
const LINES_OF_HEAD = 10

function mayNameStructures(cell: string): boolean {
  const name = cell.trim().replaceAll('"', '')
  return /^[^\s:{}[\]]+$/.test(name) && /cif|structure|atoms|poscar/i.test(name)
}

async function* csvRecords(path: string, options: RecordOptions): AsyncGenerator<DatasetRecord> {
  let columns: readonly string[] | undefined
  let structureColumn = ''
  let number = 0
  for await (const { cells, line, bytesRead, fileBytes } of csvRows(path, options.limits)) {
    if (columns === undefined) {
      columns = header(path, cells)
      structureColumn = columnOfStructures(path, columns, options.structureField)
      continue
    }
    const names = columns
    const id = String(++number)
    yield {
      place: `record ${number} (line ${line})`,
      bytesRead,
      fileBytes,
      read() {
        if (cells.length !== names.length) {
          throw new DatasetError(`${cells.length} cells, the header names ${names.length} columns`)
        }
        const fields = new Map(names.map((name, c) => [name, cells[c]]))
        const value = structureOfText(fields.get(structureColumn) as string)
        return crystalOfFields(fields, { value, fields: [structureColumn] }, id, options)
      },
    }
  }
}

function header(path: string, cells: readonly string[]): readonly string[] {
  const names = cells.map((name) => name.trim())
  const twice = names.find((name, c) => name !== '' && names.indexOf(name) !== c)
  if (twice !== undefined) throw new DatasetError(`${path}, line 1: two columns are named "${twice}"`)
  return names
}

/** A name, or, where the first row is data, the beginning of a cell. */
function shortened(name: string): string {
  return name.length > 40 || name.includes('\n') ? `${JSON.stringify(name.slice(0, 20))}…` : name
}

function columnOfStructures(path: string, columns: readonly string[], named: string | undefined): string {
  const found = structureField(columns, named)
  if (found !== undefined) return found
  const wanted = named === undefined ? STRUCTURE_FIELDS.join(', ') : named
  throw new DatasetError(
    `${path}, line 1: no column ${wanted} with the text of a structure; columns are: ${columns.map(shortened).join(', ').slice(0, 300)}. ` +
      'The first row has to name the columns. Name it with --structure-column; where the table names files, give the folder instead of the table',
  )
}
