// What a format of structure files is to everything else: one object, which its file exports and table.ts lists. And what
// its reader takes and yields.

import type { CrystalOnnxError } from '../../errors.ts'
import type { Structure } from '../structure.ts'
import type { JsonNode } from './json.ts'

interface Named<Name extends string> {
  /** What it is asked for by. */
  readonly name: Name
  /** As it is written in a text. */
  readonly title: string
  /**
   * The text of a file that holds this structure; missing where files are only read.
   * @throws StructureError when the format cannot hold its partial occupancies.
   */
  readonly write?: (s: Structure) => string
}

/** A format with files of its own. */
export interface FileFormat<Name extends string = string> extends Named<Name> {
  /** Endings of file names with their dot, in lower case. */
  readonly endings: readonly string[]
  /** Endings of files that hold any number of structures: no file beside the table of a data set. */
  readonly listEndings?: readonly string[]
  /** Names of files that have none of the endings. */
  readonly fileName?: RegExp
  /** Whether a text looks like it, where its name does not tell. Of no text should two formats say so. */
  readonly detect: (text: string) => boolean
  /** The structures of a text, one by one. */
  readonly read: Reader
}

/** A format of files that are no text. */
export interface BinaryFormat<Name extends string = string> extends Named<Name> {
  /** Endings of file names with their dot, in lower case. */
  readonly endings: readonly string[]
  /** Whether bytes begin like it. */
  readonly begins: (bytes: Uint8Array) => boolean
  /** The structures of a file, one by one. */
  readonly readBytes: (bytes: Uint8Array, context: ReadContext) => Iterable<Reading>
}

/** A kind of JSON document. All kinds share files and reader: those of `json`, in json-documents.ts. */
export interface JsonFormat<Name extends string = string> extends Named<Name> {
  /** The fields it is told by, for error messages. */
  readonly fields: string
  /** Whether a document is one. */
  readonly matches: (node: JsonNode) => boolean
  /** The structure of such a document; what was assumed goes to `warnings`. @throws ParseError, StructureError */
  readonly structureOf: (node: JsonNode, warnings: string[]) => Found
}

/** A format that structures are read from and written in. */
export type StructureFormat<Name extends string = string> =
  | FileFormat<Name>
  | BinaryFormat<Name>
  | JsonFormat<Name>

export function hasFiles(format: StructureFormat): format is FileFormat {
  return 'detect' in format
}

export function isBinary(format: StructureFormat): format is BinaryFormat {
  return 'readBytes' in format
}

export function isJson(format: StructureFormat): format is JsonFormat {
  return 'matches' in format
}

export interface ReadContext {
  /** Name that error messages show. */
  readonly file?: string
  /** Lines of the file before the text, where that is cut out of a longer one. */
  readonly linesBefore: number
  /** Most atoms one cell may have. */
  readonly maxSites: number
  /** What is known: the reader of JSON looks in it for the kind of a document. */
  readonly formats: readonly StructureFormat[]
}

/** One structure of a file, or why there is none. */
export type Reading = (Found | { readonly error: CrystalOnnxError }) & {
  readonly warnings: readonly string[]
}

export interface Found {
  readonly structure: Structure
  /** Its name where it is not that of the file: the kind of JSON. */
  readonly format?: string
  /** The file does not name all elements: species are stand-ins (H, He, Li …) and only the geometry is real. */
  readonly placeholders?: true
  /** Numbers that stand beside the structure, by name. */
  readonly labels?: Labels
}

/** Numbers by name, without a prototype: any name is a plain key. */
export type Labels = Readonly<Record<string, number>>

/** A reader yields its structures one by one, so that a bad one does not lose the others. */
export type Reader = (text: string, context: ReadContext) => Iterable<Reading>
