// JSON lines: the toolkit's own form (labelled.ts), or a record of another form (json.ts) a line.

import { parseJson } from '../../crystal/formats/json.ts'
import { parseLabelledCrystal } from '../labelled.ts'
import { readLines } from '../lines.ts'
import { crystalOfJson, startsWithRecord } from './json.ts'
import type { DatasetForm, DatasetRecord, RecordOptions } from './record.ts'

/** Fields that only records of other forms have. */
const OTHER_FORM = /"(?:structure|atoms|cif|sites|lattice_mat|attributes)"\s*:/
/** How the lines begin that OPTIMADE puts before the first structure. */
const HEADER = /^\{\s*"(?:x-optimade"|type"\s*:\s*"info")/

export const jsonLines: DatasetForm<'json-lines'> = {
  name: 'json-lines',
  title: 'JSON lines',
  found: { endings: ['.jsonl', '.ndjson'], detect: startsWithRecord },
  read: jsonLineRecords,
}

async function* jsonLineRecords(path: string, options: RecordOptions): AsyncGenerator<DatasetRecord> {
  for await (const { text, number, bytesRead, fileBytes } of readLines(path, options.limits)) {
    if (text.trim() === '' || HEADER.test(text)) continue
    yield {
      place: `line ${number}`,
      bytesRead,
      fileBytes,
      read() {
        if (text.startsWith('{') && !text.includes('"frac"') && isOtherForm(text, options)) {
          return crystalOfJson(parseJson({ text, linesBefore: number - 1 }), String(number), options)
        }
        return parseLabelledCrystal(text)
      },
    }
  }
}

function isOtherForm(text: string, { structureField }: RecordOptions): boolean {
  return structureField !== undefined || OTHER_FORM.test(text)
}
