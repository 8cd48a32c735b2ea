// Structure files that are packed: by gzip they are read, and what else packs files is named.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readStructureFile } from '../../src/crystal/file.ts'
import { readEntries } from '../../src/crystal/read.ts'
import { LimitError } from '../../src/errors.ts'

describe('packed files', () => {
  const text = 'NaCl\n1\n4 0 0\n0 4 0\n0 0 4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n'
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }

  test.each([
    ['POSCAR.gz', gzipSync(text)],
    ['POSCAR', gzipSync(text)],
    ['POSCAR.gz.gz', gzipSync(gzipSync(text))],
  ])('%s is unpacked', async (name, bytes) => {
    const [{ structure, format }] = await readStructureFile(file(name, bytes))
    expect(format).toBe('poscar')
    expect(structure.species.map(([{ element }]) => element)).toEqual([11, 17])
  })
  test('damaged, and too large when it is unpacked', async () => {
    const damaged = file('a.gz', gzipSync(text).subarray(0, 40))
    await expect(readStructureFile(damaged)).rejects.toThrow(
      /gzip stream is damaged or cut off.*a\.gz|a\.gz.*gzip stream/,
    )
    const bomb = file('b.gz', gzipSync(Buffer.alloc(2 ** 22)))
    await expect(readStructureFile(bomb, { maxBytes: 2 ** 20 })).rejects.toThrow(LimitError)
  })
  test('other packings are named with the next step', () => {
    const [entry] = readEntries(Buffer.from('fd377a585a0000', 'hex'), { file: 'a.cif.xz' })
    expect('error' in entry && entry.error.message).toMatch(
      /a\.cif\.xz.*packed by xz.*unpack it first: xz -d/,
    )
  })
})
