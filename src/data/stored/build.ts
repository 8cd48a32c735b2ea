// Writes a data set as records and columns (record.ts, columns.ts) while it is read: of each crystal a few numbers stay in
// memory. Each of the two files appears under its name only when it is complete, the columns last.

import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeWhole } from '../../files.ts'
import { formatLabelledCrystal, type LabelledCrystal, SPLITS, type Split } from '../labelled.ts'
import { rankingHash, splitsByHash } from '../split.ts'
import { packedColumns } from './columns.ts'
import { growing } from './growing.ts'
import { readRecord } from './open.ts'
import { encodedRecord } from './record.ts'

/** Bytes that are written at once. */
const CHUNK = 2 ** 20

/**
 * @param index its file of columns
 * @param unlabelled asked for when all are read
 * @throws OutputError when it cannot be written; what `crystals` throws
 */
export async function buildStored(
  index: string,
  source: string,
  targets: readonly string[],
  crystals: AsyncIterable<LabelledCrystal>,
  unlabelled: () => number,
): Promise<void> {
  const starts = growing(Float64Array)
  const sites = growing(Int32Array)
  const named = growing(Uint8Array)
  const hashes = growing(Uint32Array)
  const values = targets.map(() => growing(Float64Array))
  let size = 0
  starts.push(size)
  const data = createHash('sha256')
  const written = createHash('sha256')
  async function* records() {
    let pending: Buffer[] = []
    let bytes = 0
    const flush = () => {
      const chunk = Buffer.concat(pending)
      written.update(chunk)
      pending = []
      bytes = 0
      return chunk
    }
    for await (const crystal of crystals) {
      const { id, structure, split } = crystal
      data.update(`${formatLabelledCrystal(crystal)}\n`)
      const record = encodedRecord(id, structure)
      size += record.length
      starts.push(size)
      sites.push(structure.species.length)
      named.push(codeOf(split))
      hashes.push(rankingHash(id))
      for (const [t, name] of targets.entries()) values[t].push(crystal.targets[name] ?? Number.NaN)
      pending.push(record)
      bytes += record.length
      if (bytes >= CHUNK) yield flush()
    }
    yield flush()
  }
  const name = `${basename(index)}.records`
  const path = join(dirname(index), name)
  await writeWhole(path, records())
  const columns = { starts: starts.all(), sites: sites.all(), named: named.all() }
  const head = {
    ...{ source, targets: [...targets], crystals: columns.sites.length, unlabelled: unlabelled() },
    sha256: data.digest('hex'),
    records: { name, sha256: written.digest('hex') },
  }
  const split = splitCodes(columns.named, hashes.all(), path, columns.starts)
  const parts = packedColumns({ head, ...columns, values: values.map((column) => column.all()), split })
  await writeWhole(
    index,
    (async function* () {
      yield* parts
    })(),
  )
}

function codeOf(split: Split | undefined): number {
  return split === undefined ? 0 : SPLITS.indexOf(split) + 1
}

/** Zeros where they cannot be split, which whoever needs splits is told. */
function splitCodes(
  named: Uint8Array<ArrayBuffer>,
  hashes: Uint32Array,
  records: string,
  starts: Float64Array,
): Uint8Array {
  const codes = new Uint8Array(named.length)
  if (named.some((code) => code > 0))
    return named.every((code) => code > 0) && named.includes(codeOf('train')) ? named : codes
  const descriptor = openSync(records, 'r')
  try {
    const idOf = (n: number) =>
      readRecord({ descriptor, start: starts[n], bytes: starts[n + 1] - starts[n] }).id
    for (const [n, split] of splitsByHash(hashes, idOf)) codes[n] = codeOf(split)
  } finally {
    closeSync(descriptor)
  }
  return codes
}
