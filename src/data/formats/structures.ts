// Structure files as a data set: every structure with the numbers that stand beside it (extended XYZ, JSON) as targets, in files,
// folders, archives and standard input alike.

import { detectFormat } from '../../crystal/detect.ts'
import { structureEndings } from '../../crystal/formats/table.ts'
import { labelledCrystal } from '../labelled.ts'
import { entriesOfInput, predictable } from '../structure-files.ts'
import type { DatasetForm, DatasetRecord } from './record.ts'

export const structures: DatasetForm<'structures'> = {
  name: 'structures',
  title: 'structure files with labels',
  found: {
    // JSON has forms of its own.
    endings: structureEndings().filter((ending) => ending !== '.json'),
    detect: (head) => (detectFormat(head) ?? 'json') !== 'json',
  },
  read: structureRecords,
}

async function* structureRecords(path: string): AsyncGenerator<DatasetRecord> {
  let number = 0
  for await (const found of entriesOfInput(path)) {
    const { file, entry } = found
    const id = entry.index === 0 ? file : `${file}#${entry.index}`
    yield {
      place: `structure ${++number} (${file}, ${entry.index})`,
      ...{ bytesRead: 0, fileBytes: 1 },
      read() {
        const one = predictable(found)
        if ('error' in one) throw one.error
        const labels = 'labels' in entry ? (entry.labels ?? {}) : {}
        return labelledCrystal({ id, structure: one.structure, targets: Object.entries(labels) })
      },
    }
  }
}
