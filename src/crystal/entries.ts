// Reading structures from the text or bytes of a file of any of the given formats, with bounds on size and on the number of
// atoms. Runs in browsers; with all formats of the toolkit it is read.ts.

import { type CrystalOnnxError, LimitError, ParseError } from '../errors.ts'
import { hasFiles, isBinary, type ReadContext, type Reading, type StructureFormat } from './formats/format.ts'
import { readJson } from './formats/json-documents.ts'
import { formatNamed, formatOf, listOfFormats } from './formats/known.ts'
import { placed } from './formats/reading.ts'
import type { FormatName } from './formats/table.ts'
import { overlapWarnings } from './overlap.ts'
import { packingOfBytes } from './packing.ts'
import type { Structure } from './structure.ts'

/** How structures are read. */
export interface ReadOptions {
  /** Name of the file: it tells the format, and error messages show it. */
  readonly file?: string
  /** Overrides what name and content tell. */
  readonly format?: FormatName
  /** What is known: the formats of the toolkit, or with others of the caller, `[...FORMATS, mine]`. */
  readonly formats?: readonly StructureFormat[]
  /** Largest input, bytes. Default 64 MiB. */
  readonly maxBytes?: number
  /** Most sites of one cell, after symmetry. Default 100,000. */
  readonly maxSites?: number
  /** Lines of the file before the input, where that is cut out of a longer one. */
  readonly linesBefore?: number
}

/** Largest input that is read by default, 64 MiB. */
export const MAX_BYTES = 64 * 2 ** 20
/** Most sites of one cell by default. */
export const MAX_SITES = 100_000

/** One structure of a file. */
export interface ParsedStructure {
  /** Place in the file, from 0. */
  readonly index: number
  /** What it was read as. */
  readonly format: FormatName
  /** The crystal, validated. */
  readonly structure: Structure
  /** What was assumed, repaired or left out, for a person to read. */
  readonly warnings: readonly string[]
  /**
   * The file does not name all elements (VASP 4, X in OPTIMADE): species are stand-ins (H, He, Li …) and only the geometry
   * is real. Nothing that depends on the elements should be computed from it.
   */
  readonly placeholders?: true
  /** Numbers that stand beside the structure, by name, such as energies: of extended XYZ and JSON. */
  readonly labels?: Readonly<Record<string, number>>
}

/** An entry of a file that holds no crystal. */
export interface FailedEntry {
  /** Place in the file, from 0. */
  readonly index: number
  /** Why it could not be read. */
  readonly error: CrystalOnnxError
  /** What was assumed, repaired or left out before that. */
  readonly warnings: readonly string[]
}

/** One structure of a file, counted by `index` from 0, or why it could not be read. */
export type StructureEntry = ParsedStructure | FailedEntry

/**
 * Every structure of an input, good or bad, one by one: CIF data blocks, extXYZ frames, elements of JSON arrays, JSON
 * lines. It never throws for what the input holds: a failure of the whole input is its last entry.
 */
export function* entriesOf(
  input: string | Uint8Array,
  options: ReadOptions & Required<Pick<ReadOptions, 'formats'>>,
): Generator<StructureEntry> {
  const { file, maxSites = MAX_SITES, formats, linesBefore = 0 } = options
  let index = 0
  try {
    const { format, readings } = open(input, options, { file, maxSites, formats, linesBefore })
    for (const reading of readings) {
      if ('error' in reading) yield { index, ...reading }
      else
        yield {
          index,
          format,
          ...reading,
          warnings: [...reading.warnings, ...overlapWarnings(reading.structure)],
        }
      index++
    }
  } catch (error) {
    yield { index, error: placed(error, file, 1), warnings: [] }
  }
}

/** The format of an input, and its readings. */
function open(
  input: string | Uint8Array,
  options: ReadOptions,
  context: ReadContext,
): { format: FormatName; readings: Iterable<Reading> } {
  const { file, formats } = context
  const binary =
    typeof input === 'string' ? undefined : formats.filter(isBinary).find(({ begins }) => begins(input))
  if (binary) {
    checkSize(input.length, options.maxBytes ?? MAX_BYTES, file)
    return { format: binary.name, readings: binary.readBytes(input as Uint8Array, context) }
  }
  const text = decode(input, options)
  const name = options.format ?? formatOf(text, file, formats)
  if (name === undefined) {
    throw new ParseError(
      `the format is not recognised; known are ${listOfFormats(formats)}. Name the format if it is one of them`,
      { file, line: 1 },
    )
  }
  const format = formatNamed(name, formats)
  if (isBinary(format)) throw new ParseError(`is no ${format.title}`, { file, line: 1 })
  // A kind of JSON that is asked for by name is read as JSON of any kind.
  return { format: name, readings: (hasFiles(format) ? format.read : readJson)(text, context) }
}

/** Text with \n line ends and no byte order mark. */
function decode(input: string | Uint8Array, { file, maxBytes = MAX_BYTES }: ReadOptions): string {
  checkSize(input.length, maxBytes, file)
  const packed = typeof input === 'string' ? undefined : packingOfBytes(input)
  if (packed) throw new ParseError(packed.said, { file })
  const raw = typeof input === 'string' ? input : new TextDecoder(encodingOf(input)).decode(input)
  const text = withLineEnds(raw.replace(/^\uFEFF/, ''))
  if (!/\S/.test(text)) throw new ParseError('the file is empty', { file, line: 1 })
  if (text.includes('\0')) throw new ParseError('the file is binary, expected text', { file, line: 1 })
  return text
}

function withLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return 'utf-8'
}

/** @throws LimitError when an input is larger than allowed. */
export function checkSize(bytes: number, maxBytes: number, file: string | undefined): void {
  if (bytes <= maxBytes) return
  const size = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`
  throw new LimitError(
    `${file ?? 'the input'} has ${size(bytes)}, allowed are ${size(maxBytes)}; split it, or raise maxBytes`,
  )
}

/** Why nothing that depends on the elements can be computed of a structure whose file names none (VASP 4). */
export function standInsRefused({ placeholders }: ParsedStructure, file?: string): ParseError | undefined {
  if (!placeholders) return undefined
  const message = 'names no elements (VASP 4); write their symbols above the counts, as VASP 5 does'
  return new ParseError(message, { file, line: 6 })
}
