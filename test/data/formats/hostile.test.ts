// Damaged and hostile files of every form: an error of ours or the crystals that are left, never anything else.

import { rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { loadDataset } from '../../../src/data/dataset.ts'
import { CrystalOnnxError } from '../../../src/errors.ts'
import { random } from '../../../src/math/random/xoshiro.ts'
import { cif, jarvisAtoms, pymatgen, quoted, workshop } from './forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

const CSV = ['id,y,cif', ...[4, 4.1, 4.2].map((a, i) => `c${i},${i},${quoted(cif(a))}`)].join('\n')
const JARVIS = JSON.stringify([4, 4.1].map((a, i) => ({ jid: `J${i}`, y: i, atoms: jarvisAtoms(a) })))
const TABLE = JSON.stringify({ columns: ['structure', 'y'], data: [[pymatgen(4), 1]] })
const LINES = [4, 4.1].map((a, i) => JSON.stringify({ id: `L${i}`, structure: pymatgen(a), y: i })).join('\n')

const FORMS: [name: string, content: Buffer][] = [
  ['set.csv', Buffer.from(CSV)],
  ['set.json', Buffer.from(JARVIS)],
  ['table.json', Buffer.from(TABLE)],
  ['set.jsonl', Buffer.from(LINES)],
  ['set.csv.gz', gzipSync(CSV)],
  ['set.json.zip', Buffer.from(zipSync({ 'set.json': strToU8(JARVIS) }))],
]

/** Reads to the end; what is thrown must be ours. */
async function read(name: string, content: Uint8Array): Promise<void> {
  try {
    await loadDataset(file(name, content), { badRecords: { maxFraction: 1, onBadRecord: () => {} } })
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    expect(error.message).not.toBe('')
  }
}

describe('damaged files', () => {
  it.each(FORMS)('%s cut off anywhere', async (name, content) => {
    const dice = random(1)
    for (let trial = 0; trial < 30; trial++)
      await read(name, content.subarray(0, dice.integer(content.length)))
  })

  it.each(FORMS)('%s with bytes changed', async (name, content) => {
    const dice = random(2)
    const nasty = Buffer.from('"\\{}[],:\n\r\0\xff09')
    for (let trial = 0; trial < 60; trial++) {
      const damaged = Buffer.from(content)
      for (let k = dice.integer(6); k >= 0; k--) damaged[dice.integer(damaged.length)] = dice.pick([...nasty])
      await read(name, damaged)
    }
  })

  it.each(FORMS)('noise that calls itself %s', async (name) => {
    const dice = random(3)
    for (const start of ['', '[', '{"data":[', 'PK\x03\x04', '\x1f\x8b', 'id,cif\n']) {
      const noise = Buffer.from(Array.from({ length: 5000 }, () => dice.integer(256)))
      await read(name, Buffer.concat([Buffer.from(start, 'latin1'), noise]))
    }
  })
})

describe('archives', () => {
  it('read the first data file, and say when there is none', async () => {
    const readme = { 'README.txt': strToU8('x'), '__MACOSX/a.json': strToU8('y') }
    const crystals = await loadDataset(
      file('a.zip', zipSync({ ...readme, 'data/set.json': strToU8(JARVIS) })),
    )
    expect(crystals).toHaveLength(2)
    await expect(loadDataset(file('b.zip', zipSync(readme)))).rejects.toThrow(
      /holds no .json, .jsonl or .csv/,
    )
  })

  it('are bounded when they unpack to far more than they are', async () => {
    const bomb = zipSync({ 'bomb.json': new Uint8Array(40e6).fill(0x20) })
    expect(bomb.length).toBeLessThan(100_000)
    await expect(loadDataset(file('bomb.zip', bomb), { limits: { totalBytes: 1e6 } })).rejects.toThrow(
      /unpacks to more than 1000000 bytes/,
    )
  })
})
