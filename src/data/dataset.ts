// Data sets as files: JSON lines (the form is in labelled.ts), plain or gzip, read and written as a stream.

import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { CrystalOnnxError, DatasetError } from '../errors.ts'
import { formatLabelledCrystal, type LabelledCrystal, parseLabelledCrystal, type Split } from './labelled.ts'
import { type FileLimits, readLines } from './lines.ts'

export interface ReadProgress {
  /** Crystals yielded so far. */
  readonly crystals: number
  /** Bytes of the file on disk read so far, and its size. */
  readonly bytes: number
  readonly totalBytes: number
}

export interface ReadOptions {
  /** Yield only crystals that carry this target, or all of these. */
  readonly target?: string | readonly string[]
  /** Yield only crystals that the file itself puts into this split. */
  readonly split?: Split
  /** Stop after this many crystals. */
  readonly limit?: number
  /** Go on over bad lines. Without it the first one stops the reading. */
  readonly badLines?: {
    /** Give up once more than this fraction of the lines is bad. */
    readonly maxFraction: number
    readonly onBadLine: (error: DatasetError) => void
  }
  /** Called every few hundred lines, and at the end. */
  readonly onProgress?: (progress: ReadProgress) => void
  readonly limits?: FileLimits
}

const PROGRESS_LINES = 256
/** A fraction of bad lines is not judged on fewer lines than this. */
const FRACTION_LINES = 100

/**
 * Streams the crystals of a data file in file order. Blank lines are skipped.
 * @throws DatasetError naming file, line and cause for a bad line (see `badLines`), a duplicate id, a damaged file, or
 * when nothing is left after `target` and `split`. @throws LimitError beyond `limits`.
 */
export async function* readDataset(path: string, options: ReadOptions = {}): AsyncGenerator<LabelledCrystal> {
  const { split, limit = Number.POSITIVE_INFINITY, badLines, onProgress } = options
  const wanted = options.target === undefined ? [] : [options.target].flat()
  const lineOfId = new Map<string, number>()
  const targetNames = new Set<string>()
  let lines = 0
  let bad = 0
  let crystals = 0
  let progress: ReadProgress | undefined

  for await (const { text, number, bytesRead, fileBytes } of readLines(path, options.limits)) {
    if (crystals >= limit) break
    progress = { crystals, bytes: bytesRead, totalBytes: fileBytes }
    if (number % PROGRESS_LINES === 0) onProgress?.(progress)
    if (text.trim() === '') continue
    lines++
    let crystal: LabelledCrystal
    try {
      crystal = parseLabelledCrystal(text)
      const earlier = lineOfId.get(crystal.id)
      if (earlier !== undefined)
        throw new DatasetError(`id "${crystal.id}" stands on line ${earlier} already`)
    } catch (cause) {
      if (!(cause instanceof CrystalOnnxError)) throw cause
      const error = new DatasetError(`${path}, line ${number}: ${cause.message}`, { cause })
      if (!badLines) throw error
      bad++
      badLines.onBadLine(error)
      if (bad > badLines.maxFraction * Math.max(lines, FRACTION_LINES)) throw tooManyBad(error)
      continue
    }
    lineOfId.set(crystal.id, number)
    for (const name of Object.keys(crystal.targets)) targetNames.add(name)
    if (split !== undefined && crystal.split !== split) continue
    if (!wanted.every((name) => crystal.targets[name] !== undefined)) continue
    crystals++
    yield crystal
  }

  if (badLines && bad > badLines.maxFraction * lines) throw tooManyBad()
  if (crystals === 0 && limit > 0) throw new DatasetError(whyEmpty())
  if (progress) onProgress?.({ ...progress, crystals })

  function tooManyBad(cause?: DatasetError): DatasetError {
    return new DatasetError(
      `${path}: ${bad} of ${lines} lines are bad, more than the fraction ${badLines?.maxFraction} allowed`,
      { cause },
    )
  }

  function whyEmpty(): string {
    if (lines === 0) return `${path}: holds no crystals; expected JSON lines, one crystal each`
    const names = [...targetNames].join(', ') || 'none'
    const asked = [
      wanted.length > 0 ? `target ${wanted.join(' and ')}` : undefined,
      split === undefined ? undefined : `split ${split}`,
    ].filter(Boolean)
    return `${path}: none of its ${lines - bad} crystals has ${asked.join(' and ')}; its targets are: ${names}`
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
 * name only when it is complete.
 */
export async function writeDataset(
  path: string,
  crystals: Iterable<LabelledCrystal> | AsyncIterable<LabelledCrystal>,
): Promise<number> {
  const temporary = `${path}.${process.pid}.tmp`
  let count = 0
  async function* lines() {
    for await (const crystal of crystals) {
      count++
      yield `${formatLabelledCrystal(crystal)}\n`
    }
  }
  const source = Readable.from(lines())
  const target = createWriteStream(temporary)
  try {
    await (path.endsWith('.gz') ? pipeline(source, createGzip(), target) : pipeline(source, target))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return count
}
