// A data set on a disk: columns in memory, and crystals read one at a time from the file of records.

import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatasetError } from '../../errors.ts'
import { writeWhole } from '../../files.ts'
import type { Crystals, RecordPlace } from '../crystals.ts'
import { labelledCrystal, SPLITS, type Split } from '../labelled.ts'
import { splitNumbers } from '../split.ts'
import { type Columns, unpackedColumns } from './columns.ts'
import { decodedRecord } from './record.ts'

/** Descriptors are closed when nothing reads from them any more. */
const forgotten = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor))

/** Undefined where there is no index of this source, or one that is damaged. */
export async function openStored(index: string, source: string): Promise<Crystals | undefined> {
  const columns = await columnsOf(index)
  if (columns?.head.source !== source) return undefined
  const { records } = columns.head
  const path = join(dirname(index), records.name)
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return undefined
  }
  const whole =
    fstatSync(descriptor).size === columns.starts.at(-1) && (await hashOf(path)) === records.sha256
  if (whole) return stored(columns, descriptor, index)
  closeSync(descriptor)
  return undefined
}

async function columnsOf(index: string): Promise<Columns | undefined> {
  try {
    return unpackedColumns(await readFile(index))
  } catch {
    return undefined
  }
}

/** sha256 of a file, hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk)
  return hash.digest('hex')
}

function stored(columns: Columns, descriptor: number, index: string): Crystals {
  const { head, starts, values, sites, named, split } = columns
  const placeOf = (n: number): RecordPlace => ({
    descriptor,
    start: starts[n],
    bytes: starts[n + 1] - starts[n],
  })
  const crystals: Crystals = {
    length: head.crystals,
    index: { path: index, source: head.source },
    sites,
    unlabelled: head.unlabelled,
    placeOf,
    at: (n) => {
      const targets = head.targets.flatMap((name, t): [string, number][] => {
        return Number.isNaN(values[t][n]) ? [] : [[name, values[t][n]]]
      })
      return labelledCrystal({ ...readRecord(placeOf(n)), split: splitAt(named, n), targets })
    },
    valuesOf: (target) => {
      const column = values[head.targets.indexOf(target)]
      return column ?? new Float64Array(head.crystals).fill(Number.NaN)
    },
    splits: () => {
      const of = (wanted: Split) => {
        const code = SPLITS.indexOf(wanted) + 1
        let count = 0
        for (const one of split) if (one === code) count++
        const numbers = new Int32Array(count)
        for (let n = 0, at = 0; n < split.length; n++) if (split[n] === code) numbers[at++] = n
        return numbers
      }
      // Says why they cannot be.
      if (split[0] === 0)
        return splitNumbers(
          Array.from(named.keys(), (n) => splitAt(named, n)),
          () => [],
        )
      return { train: of('train'), val: of('val'), test: of('test') }
    },
    sha256: () => head.sha256,
    remembered: (what, find) => remembered(index, head.records.sha256, what, find),
  }
  forgotten.register(crystals, descriptor)
  return crystals
}

function splitAt(codes: Uint8Array, n: number): Split | undefined {
  return SPLITS[codes[n] - 1]
}

/** @throws DatasetError where the file was changed under the process */
export function readRecord({ descriptor, start, bytes }: RecordPlace): ReturnType<typeof decodedRecord> {
  const buffer = Buffer.allocUnsafe(bytes)
  const read = readSync(descriptor, buffer, 0, bytes, start)
  if (read === bytes) return decodedRecord(buffer)
  throw new DatasetError('an index of the data was cut off while it was in use; start again')
}

/** A value in a file beside the index, under the hashes of the crystals and of itself. */
async function remembered<T>(
  index: string,
  crystals: string,
  what: string,
  find: () => Promise<T>,
): Promise<T> {
  const path = `${index}.${sha256(what).slice(0, 16)}.json`
  try {
    const { hash, text } = JSON.parse(readFileSync(path, 'utf8')) as { hash: unknown; text: string }
    if (hash === sha256(`${crystals} ${what} ${text}`)) return JSON.parse(text) as T
  } catch {
    // None is there, or none that can be read.
  }
  const found = await find()
  const text = JSON.stringify(found)
  const hash = sha256(`${crystals} ${what} ${text}`)
  // A full disk costs the next one time, and this one nothing.
  await writeWhole(path, JSON.stringify({ hash, text })).catch(() => {})
  return found
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
