// A folder of structure files with a table of targets, as CGCNN, JARVIS and ALIGNN lay them out: id_prop.csv holds
// `file,value` rows, with or without a header, and the files lie beside it.

import { readdir, stat } from 'node:fs/promises'
import { extname, isAbsolute, join, relative } from 'node:path'
import { readStructureFile } from '../../crystal/file.ts'
import { structureEndings } from '../../crystal/formats/table.ts'
import type { Structure } from '../../crystal/structure.ts'
import { DatasetError } from '../../errors.ts'
import { type CsvRow, csvRows } from './csv-rows.ts'
import { crystalOfFields, isMissing, numberOf } from './fields.ts'
import type { DatasetForm, DatasetRecord, RecordOptions } from './record.ts'

const TABLES = ['id_prop.csv', 'targets.csv']
/** Endings that a table leaves out. */
const ENDINGS = structureEndings()

export const folder: DatasetForm<'folder'> = {
  name: 'folder',
  title: 'a folder with id_prop.csv',
  found: 'folder',
  read: folderRecords,
}

async function* folderRecords(folder: string, options: RecordOptions): AsyncGenerator<DatasetRecord> {
  const table = await tableOf(folder)
  let names: readonly string[] | undefined
  for await (const row of csvRows(table, options.limits)) {
    if (names === undefined) {
      const header = isHeader(row.cells)
      names = header ? row.cells.map((name) => name.trim()) : columnNames(row.cells.length, options.targets)
      if (header) continue
    }
    yield recordOf(folder, row, names, options)
  }
}

/** The files that are read for a data set: of a folder, all that could be the table or a structure. */
export async function dataFiles(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter(({ name }) => ['', '.csv', ...ENDINGS].includes(extname(name).toLowerCase()))
    .map(({ parentPath, name }) => join(parentPath, name))
}

async function tableOf(folder: string): Promise<string> {
  const tables = (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.csv'))
  const name = TABLES.find((known) => tables.includes(known)) ?? (tables.length === 1 ? tables[0] : undefined)
  if (name !== undefined) return join(folder, name)
  const found = tables.length === 0 ? 'no .csv file' : `${tables.length} .csv files`
  throw new DatasetError(
    `${folder}: ${found}, expected a table id_prop.csv of file,value rows beside the structure files`,
  )
}

/** A header names its targets; a row of data has a number, or nothing, in the second column. */
function isHeader(cells: readonly string[]): boolean {
  return cells.slice(1).some((cell) => numberOf(cell) === undefined && !isMissing(cell))
}

/** Columns of a table without a header are named after what is asked for. */
function columnNames(count: number, target: readonly string[]): readonly string[] {
  const targets = Array.from({ length: count - 1 }, (_, t) => (t === 0 ? 'target' : `target_${t + 1}`))
  return ['file', ...(target.length === targets.length ? target : targets)]
}

function recordOf(
  folder: string,
  { cells, line, bytesRead, fileBytes }: CsvRow,
  names: readonly string[],
  options: RecordOptions,
): DatasetRecord {
  const file = cells[0].trim()
  return {
    place: `line ${line} of the table, ${file}`,
    bytesRead,
    fileBytes,
    async read() {
      if (cells.length !== names.length) {
        throw new DatasetError(`${cells.length} cells, the first row has ${names.length}`)
      }
      const value = await structureOf(folder, file)
      const fields = new Map(names.map((name, c) => [name, cells[c]]))
      const id = withoutEnding(file)
      return crystalOfFields(fields, { value, fields: [names[0]] }, id, {
        targets: options.targets,
        onText: options.onText,
      })
    },
  }
}

function withoutEnding(file: string): string {
  const ending = ENDINGS.find((known) => file.toLowerCase().endsWith(known)) ?? ''
  return file.slice(0, file.length - ending.length)
}

async function structureOf(folder: string, file: string): Promise<Structure> {
  const inside = relative(folder, join(folder, file))
  if (file === '' || isAbsolute(file) || inside === '' || inside.startsWith('..')) {
    throw new DatasetError(`"${file}" is no file of the folder; expected a name inside it`)
  }
  for (const ending of ['', ...ENDINGS]) {
    const path = join(folder, `${file}${ending}`)
    if (!(await isFile(path))) continue
    const structures = await readStructureFile(path)
    if (structures.length !== 1) {
      throw new DatasetError(`${path} holds ${structures.length} structures, expected one`)
    }
    if (structures[0].placeholders) throw new DatasetError(`${path} does not name its elements (VASP 4)`)
    return structures[0].structure
  }
  throw new DatasetError(`no file ${file}, with or without one of ${ENDINGS.join(', ')}, in ${folder}`)
}

/** Whether a table of targets lies in a folder. */
export async function hasTable(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => name.toLowerCase().endsWith('.csv'))
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
