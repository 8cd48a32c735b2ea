// Writes a data set as records and columns (record.ts, columns.ts) while it is read: of each crystal a few numbers stay in
// memory. Each of the two files appears under its name only when it is complete, the columns last.

import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { writeWhole } from '../../files.ts'
import { formatLabelledCrystal, type LabelledCrystal, SPLITS, type Split } from '../labelled.ts'
import { splitNumbers } from '../split.ts'
import { packedColumns } from './columns.ts'
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
  const starts = [0]
  const sites: number[] = []
  const ids: string[] = []
  const named: (Split | undefined)[] = []
  const values = targets.map((): number[] => [])
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
      starts.push(starts[starts.length - 1] + record.length)
      sites.push(structure.species.length)
      ids.push(id)
      named.push(split)
      for (const [t, name] of targets.entries()) values[t].push(crystal.targets[name] ?? Number.NaN)
      pending.push(record)
      bytes += record.length
      if (bytes >= CHUNK) yield flush()
    }
    yield flush()
  }
  const name = `${basename(index)}.records`
  await writeWhole(join(dirname(index), name), records())
  const head = {
    ...{ source, targets: [...targets], crystals: sites.length, unlabelled: unlabelled() },
    sha256: data.digest('hex'),
    records: { name, sha256: written.digest('hex') },
  }
  const parts = packedColumns({
    head,
    starts: Float64Array.from(starts),
    values: values.map((column) => Float64Array.from(column)),
    sites: Int32Array.from(sites),
    named: Uint8Array.from(named, codeOf),
    split: splitCodes(named, ids),
  })
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
function splitCodes(named: readonly (Split | undefined)[], ids: readonly string[]): Uint8Array {
  const codes = new Uint8Array(named.length)
  const isNamed = (split: Split | undefined) => split !== undefined
  if (named.some(isNamed) && !(named.every(isNamed) && named.includes('train'))) return codes
  const numbers = splitNumbers(named, () => ids)
  for (const split of SPLITS) for (const n of numbers[split]) codes[n] = codeOf(split)
  return codes
}
