// A public data set from its address to JSON lines: download its files, check them, and convert what they hold.

import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DatasetError, OutputError } from '../../errors.ts'
import { outputTarget } from '../../files/target.ts'
import { checkOutput } from '../../files.ts'
import { type ReadProgress, readDataset, writeDataset } from '../dataset.ts'
import { type LabelledCrystal, labelledCrystal } from '../labelled.ts'
import { type Checksum, type DownloadOptions, download } from './download.ts'
import { checksumOf } from './part.ts'
import type { Source, SourceFile } from './sources.ts'

export interface FetchOptions
  extends Pick<DownloadOptions, 'signal' | 'onRetry' | 'idleMilliseconds' | 'waitMilliseconds'> {
  readonly onDownload?: (file: SourceFile, bytes: number, totalBytes: number | undefined) => void
  readonly onConvert?: (file: SourceFile, progress: ReadProgress) => void
  /** A record that cannot be read, or whose id was there before. It is left out. */
  readonly onBadRecord?: (error: DatasetError) => void
}

export interface Fetched {
  readonly crystals: number
  readonly files: readonly {
    readonly path: string
    readonly checksum: Checksum
    readonly published: boolean
  }[]
}

/** Of more records that cannot be read, something else was downloaded. */
const MAX_BAD_FRACTION = 0.01

/**
 * Fetches a source and writes it to `output` (.jsonl or .jsonl.gz). The files as published stay beside it, and are not
 * downloaded again while they are what was published.
 * @throws OutputError for an output that is one of those files; as `download` and `readDataset`
 */
export async function fetchDataset(
  source: Source,
  output: string,
  options: FetchOptions = {},
): Promise<Fetched> {
  const folder = await folderBeside(output)
  const published = source.files.map(({ name }) => join(folder, name))
  await checkOutput(output, published)
  if (published.some((path) => resolve(path) === resolve(output))) {
    throw new OutputError(`${output}: is the name of the published file; choose another for the output`)
  }
  const files: Fetched['files'][number][] = []
  for (const file of source.files) {
    const path = join(folder, file.name)
    const checksum = (await present(path, file)) ?? (await downloaded(path, file, options))
    files.push({ path, checksum, published: file.checksum !== undefined })
  }
  const crystals = await writeDataset(output, converted(source, folder, options))
  return { crystals, files }
}

/** Where published files are kept: beside the output, or here when that is a pipe or a device. */
async function folderBeside(output: string): Promise<string> {
  return (await outputTarget(output)).kind === 'file' ? dirname(output) : '.'
}

/** The checksum of a file that is there as it was published. */
async function present(path: string, { checksum, bytes }: SourceFile): Promise<Checksum | undefined> {
  const size = await stat(path).then(
    (info) => info.size,
    () => undefined,
  )
  if (size === undefined || (bytes !== undefined && bytes !== size)) return undefined
  const algorithm = checksum?.algorithm ?? 'sha256'
  const hex = await checksumOf(path, algorithm)
  return checksum !== undefined && checksum.hex !== hex ? undefined : { algorithm, hex }
}

function downloaded(path: string, file: SourceFile, options: FetchOptions): Promise<Checksum> {
  return download(file.url, path, {
    ...options,
    checksum: file.checksum,
    bytes: file.bytes,
    onProgress: (bytes, totalBytes) => options.onDownload?.(file, bytes, totalBytes),
  })
}

async function* converted(
  source: Source,
  folder: string,
  { onConvert, onBadRecord = () => {}, signal }: FetchOptions,
): AsyncGenerator<LabelledCrystal> {
  const wanted = Object.keys(source.targets)
  const ids = new Set<string>()
  let row = 0
  for (const file of source.files) {
    const crystals = readDataset(join(folder, file.name), {
      structureField: source.structureField,
      idField: source.idField,
      badRecords: { maxFraction: MAX_BAD_FRACTION, onBadRecord },
      onProgress: (progress) => onConvert?.(file, progress),
    })
    for await (const crystal of crystals) {
      signal?.throwIfAborted()
      row++
      const targets = wanted.flatMap((name): [string, number][] => {
        const value = crystal.targets[name]
        return value === undefined ? [] : [[name, value]]
      })
      if (targets.length === 0) continue
      const id = source.idOfRow?.(row) ?? crystal.id
      if (ids.has(id)) {
        onBadRecord(new DatasetError(`${file.name}: id "${id}" stands in an earlier file already`))
        continue
      }
      ids.add(id)
      yield labelledCrystal({ ...crystal, id, targets, ...(file.split && { split: file.split }) })
    }
  }
}

/** Where a source is written to when nothing else is said. */
export function defaultOutput(source: Source): string {
  return basename(`${source.name}.jsonl.gz`)
}
