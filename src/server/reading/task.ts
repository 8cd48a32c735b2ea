// What crosses to a thread that reads structure files (readers.ts), and back.

import type { SentError } from '../../../runtimes/sent.ts'
import type { FormatName } from '../../crystal/formats/table.ts'
import type { Structure } from '../../crystal/structure.ts'

/** A file as it came. */
export interface File {
  /** tells its format, and where errors are */
  readonly name?: string
  readonly bytes: Uint8Array
}

export interface Task {
  readonly files: readonly File[]
  /** of all of them */
  readonly format?: FormatName
  /** atoms of a structure at most */
  readonly maxSites: number
  /** structures after which a file is not read on */
  readonly most: number
}

/** What was found in a file: a structure, or why it is none. */
export type SentEntry = { readonly warnings: readonly string[] } & (
  | { readonly structure: Structure; readonly error?: undefined }
  | { readonly structure?: undefined; readonly error: SentError }
)

/** The entries of each file; or what is wrong with the program. */
export type Answer = { readonly entries: readonly (readonly SentEntry[])[] } | { readonly fault: string }
