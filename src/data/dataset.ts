// Data sets as files. Reading takes every form that formats/ knows (JSON lines, CSV with CIF, a folder with a table, JSON
// documents), as a stream of labelled crystals; writing is always JSON lines (the form is in labelled.ts).

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { toPrimitive } from '../crystal/standardise.ts'
import { CrystalOnnxError, DatasetError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import type { FileLimits } from './bytes.ts'
import type { TextField } from './check/find-text.ts'
import { openRecords } from './formats/open.ts'
import type { DatasetRecord, RecordOptions } from './formats/record.ts'
import { type IdRegister, idsInMemory } from './ids.ts'
import { formatLabelledCrystal, type LabelledCrystal, type Split } from './labelled.ts'

/** How far a reading is. */
export interface ReadProgress {
  /** Crystals yielded so far. */
  readonly crystals: number
  /** Bytes of the file on disk read so far. */
  readonly bytes: number
  /** Size of the file on disk. */
  readonly totalBytes: number
}

/** Which crystals of a data file, and how they are found in it. */
export interface ReadOptions {
  /** Yield only crystals that carry this target, or any of these. */
  readonly target?: string | readonly string[]
  /** Told of every crystal that is left out since it carries none; with `split`, of those in it. */
  readonly onUnlabelled?: (crystal: LabelledCrystal) => void
  /** Yield only crystals that the file itself puts into this split. */
  readonly split?: Split
  /** Stop after this many crystals. */
  readonly limit?: number
  /** Reduce every crystal to its primitive standard cell. Targets are kept as they are. */
  readonly primitive?: boolean
  /** The field or column that holds the structure, where its name does not tell (see docs/data.md). */
  readonly structureField?: string
  /** The same for the id. */
  readonly idField?: string
  /** Go on over bad records. Without it the first one stops the reading. */
  readonly badRecords?: {
    /** Give up once more than this fraction of the records is bad. */
    readonly maxFraction: number
    /** Told of each. */
    readonly onBadRecord: (error: DatasetError) => void
  }
  /** Called every few hundred records, and at the end. */
  readonly onProgress?: (progress: ReadProgress) => void
  /** What a file may hold before it is refused. */
  readonly limits?: FileLimits
  /** Told of every text in a field of its own, such as `-2,00` for a number. */
  readonly onText?: (field: TextField) => void
}

const PROGRESS_RECORDS = 256
/** A fraction of bad records is not judged on fewer records than this. */
const FRACTION_RECORDS = 100

/**
 * Streams the crystals of a data file or folder, or of several one after the other, in their order. `-` is standard input.
 * @throws DatasetError naming file, place and cause for a bad record (see `badRecords`), a duplicate id, a damaged file,
 * or when nothing is left after `target` and `split`. @throws LimitError beyond `limits`.
 */
export function readDataset(
  data: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<LabelledCrystal> {
  return readCrystals([data].flat(), options, idsInMemory())
}

/** The same. @param ids notes those that were met */
export async function* readCrystals(
  paths: readonly string[],
  options: ReadOptions,
  ids: IdRegister,
): AsyncGenerator<LabelledCrystal> {
  const path = paths.length === 1 ? paths[0] : `${paths.length} files`
  const { split, limit = Number.POSITIVE_INFINITY, badRecords, onProgress } = options
  const wanted = options.target === undefined ? [] : [options.target].flat()
  const targetNames = new Set<string>()
  let records = 0
  let bad = 0
  let firstBad: CrystalOnnxError | undefined
  let crystals = 0
  let progress: ReadProgress | undefined

  for await (const record of recordsOf(paths, { ...options, targets: wanted })) {
    if (crystals >= limit) break
    progress = { crystals, bytes: record.bytesRead, totalBytes: record.fileBytes }
    if (++records % PROGRESS_RECORDS === 0) onProgress?.(progress)
    const crystal = await readRecord(record)
    if (crystal === undefined) continue
    for (const name of Object.keys(crystal.targets)) targetNames.add(name)
    if (split !== undefined && crystal.split !== split) continue
    if (wanted.length > 0 && wanted.every((name) => crystal.targets[name] === undefined)) {
      options.onUnlabelled?.(crystal)
      continue
    }
    crystals++
    yield crystal
  }

  if (badRecords && bad > badRecords.maxFraction * records) throw tooManyBad()
  if (crystals === 0 && limit > 0) throw new DatasetError(whyEmpty())
  if (progress) onProgress?.({ ...progress, crystals })

  /** The crystal of a record; undefined for a bad one that is gone over. */
  async function readRecord(record: DatasetRecord): Promise<LabelledCrystal | undefined> {
    try {
      const reading = record.read()
      const crystal = reading instanceof Promise ? await reading : reading
      const earlier = await ids.placeBefore(crystal.id, record.place, records - 1)
      if (earlier !== undefined) throw new DatasetError(`id "${crystal.id}" stands on ${earlier} already`)
      return options.primitive ? { ...crystal, structure: await toPrimitive(crystal.structure) } : crystal
    } catch (cause) {
      if (!(cause instanceof CrystalOnnxError)) throw cause
      const error = new DatasetError(`${path}, ${record.place}: ${cause.message}`, { cause })
      if (!badRecords) throw error
      bad++
      firstBad ??= error
      badRecords.onBadRecord(error)
      if (bad > badRecords.maxFraction * Math.max(records, FRACTION_RECORDS)) throw tooManyBad(error)
      return undefined
    }
  }

  function tooManyBad(cause?: DatasetError): DatasetError {
    return new DatasetError(
      `${path}: ${bad} of ${records} records are bad, more than the fraction ${badRecords?.maxFraction} allowed; the first: ${firstBad?.message.replace(`${path}, `, '')}`,
      { cause },
    )
  }

  function whyEmpty(): string {
    if (records === 0) return `${path}: holds no crystals; expected one of the forms of docs/data.md`
    const names = [...targetNames].join(', ') || 'none'
    const terms = [
      wanted.length > 0 ? `target ${wanted.join(' or ')}` : undefined,
      split === undefined ? undefined : `split ${split}`,
    ].filter(Boolean)
    return `${path}: none of its ${records - bad} crystals has ${terms.join(' and ')}; its targets are: ${names}`
  }
}

/** Where an id stands among the first records of data files; undefined where it is in none of them. */
export async function placeOfId(
  paths: readonly string[],
  { id, before }: { readonly id: string; readonly before: number },
  options: RecordOptions,
): Promise<string | undefined> {
  let records = 0
  for await (const record of recordsOf(paths, options)) {
    if (records++ === before) return undefined
    // Of a bad one the reading has said so already.
    const read = async () => (await record.read()).id
    if ((await read().catch(() => undefined)) === id) return record.place
  }
  return undefined
}

/** The records of several files, which say which file they are of. */
async function* recordsOf(paths: readonly string[], options: RecordOptions): AsyncGenerator<DatasetRecord> {
  if (paths.length === 1) return yield* openRecords(paths[0], options)
  for (const path of paths) {
    for await (const record of openRecords(path, options)) {
      yield { ...record, place: `${path}, ${record.place}` }
    }
  }
}

/** Reads a whole data file into memory; options and errors as for `readDataset`. */
export async function loadDataset(path: string, options: ReadOptions = {}): Promise<LabelledCrystal[]> {
  const crystals: LabelledCrystal[] = []
  for await (const crystal of readDataset(path, options)) crystals.push(crystal)
  return crystals
}

/**
 * Writes crystals as JSON lines, compressed when `path` ends in `.gz`, and returns how many. The file appears under its
 * name only when it is complete. @throws OutputError when it cannot be written.
 */
export async function writeDataset(
  path: string,
  crystals: Iterable<LabelledCrystal> | AsyncIterable<LabelledCrystal>,
): Promise<number> {
  let count = 0
  async function* lines() {
    for await (const crystal of crystals) {
      count++
      yield `${formatLabelledCrystal(crystal)}\n`
    }
  }
  await writeWhole(path, path.endsWith('.gz') ? compressed(lines()) : lines())
  return count
}

async function* compressed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const packed = createGzip()
  // An error of the lines comes out of `packed`, too.
  pipeline(Readable.from(lines), packed).catch(() => {})
  yield* packed
}
