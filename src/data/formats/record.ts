// One record of a data file, whatever the form of the file: the meeting point of the readers here and dataset.ts.

import type { FileLimits } from '../bytes.ts'
import type { TextField } from '../check/find-text.ts'
import type { LabelledCrystal } from '../labelled.ts'

export interface DatasetRecord {
  /** Where it stands, for messages: "line 7", "record 12 (line 340)". */
  readonly place: string
  /** Bytes of the file on disk read so far, and its size. */
  readonly bytesRead: number
  readonly fileBytes: number
  /** The crystal. @throws CrystalOnnxError that says what is wrong, without file and place. */
  read(): LabelledCrystal | Promise<LabelledCrystal>
}

/** How to find the parts of a record, for files that are not of the toolkit's own form. */
export interface RecordOptions {
  /** The field or column that holds the structure; found by its name without this. */
  readonly structureField?: string
  /** The field or column that holds the id; found by its name without this. */
  readonly idField?: string
  /** Targets that must be numbers where they are given; every other field that is no number is passed over. */
  readonly targets: readonly string[]
  readonly limits?: FileLimits
  /** Told of every text that stands where a number could. */
  readonly onText?: (field: TextField) => void
}

export type RecordReader = (path: string, options: RecordOptions) => AsyncIterable<DatasetRecord>

/** A form of data sets: one object, which its file exports and table.ts lists. */
export interface DatasetForm<Name extends string = string> {
  readonly name: Name
  /** As it is written in a help text. */
  readonly title: string
  /** A folder, or how a file is told. */
  readonly found: 'folder' | FileMarks
  readonly read: RecordReader
}

export interface FileMarks {
  /** Endings of names that tell for certain, with their dot, in lower case; `.gz` and `.zip` may follow. */
  readonly endings: readonly string[]
  /** Whether a file begins like it. Of no file should two forms say so. */
  readonly detect: (head: string) => boolean
}
