// What is kept in memory of every crystal on a disk, as one file: a line of JSON that says what there is, typed arrays, and a
// hash over all before it, so that a file that was damaged or cut off is not taken for one.

import { createHash } from 'node:crypto'
import { z } from 'zod'

const count = z.number().int().min(0)
const headSchema = z.object({
  /** What was asked of which source: see place.ts. */
  source: z.string(),
  crystals: count,
  unlabelled: count,
  targets: z.array(z.string()),
  /** Of the crystals, as training names data. */
  sha256: z.string(),
  /** The file of records, and its hash. */
  records: z.object({ name: z.string().regex(/^[^/\\]+$/), sha256: z.string() }),
})
export type Head = z.output<typeof headSchema>

export interface Columns {
  readonly head: Head
  /** [crystals + 1] where each record begins, and the last one ends */
  readonly starts: Float64Array
  /** [targets][crystals] NaN where one is missing */
  readonly values: readonly Float64Array[]
  /** [crystals] */
  readonly sites: Int32Array
  /** [crystals] place in SPLITS + 1 of the split that it names; 0 for none */
  readonly named: Uint8Array
  /** [crystals] the same of the split that it is in; 0 where they cannot be split */
  readonly split: Uint8Array
}

const FIRST_LINE = 'crystal-onnx columns 1\n'
const HASH_BYTES = 32

export function packedColumns({ head, starts, values, sites, named, split }: Columns): Uint8Array[] {
  const first = Buffer.from(`${FIRST_LINE}${JSON.stringify(head)}\n`)
  const arrays = [starts, ...values, sites, named, split].map((array) => {
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  })
  const hash = createHash('sha256')
  for (const part of [first, ...arrays]) hash.update(part)
  return [first, ...arrays, hash.digest()]
}

/** Undefined for bytes that are not columns, or not all of them. */
export function unpackedColumns(bytes: Buffer): Columns | undefined {
  if (!bytes.subarray(0, FIRST_LINE.length).equals(Buffer.from(FIRST_LINE))) return undefined
  const end = bytes.length - HASH_BYTES
  const line = bytes.indexOf('\n', FIRST_LINE.length)
  if (line < 0 || line >= end) return undefined
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end)))
    return undefined
  const head = headSchema.safeParse(JSON.parse(bytes.toString('utf8', FIRST_LINE.length, line))).data
  if (head === undefined) return undefined
  let at = line + 1
  const next = <T>(size: number, make: (buffer: ArrayBuffer) => T): T => {
    const copy = new Uint8Array(size)
    copy.set(bytes.subarray(at, at + size))
    at += size
    return make(copy.buffer)
  }
  const n = head.crystals
  const floats = (length: number) => next(8 * length, (buffer) => new Float64Array(buffer))
  return {
    head,
    starts: floats(n + 1),
    values: head.targets.map(() => floats(n)),
    sites: next(4 * n, (buffer) => new Int32Array(buffer)),
    named: next(n, (buffer) => new Uint8Array(buffer)),
    split: next(n, (buffer) => new Uint8Array(buffer)),
  }
}
