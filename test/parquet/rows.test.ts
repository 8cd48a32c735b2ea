import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/math/random/xoshiro.ts'
import { columnNames, openParquet } from '../../src/parquet/open.ts'
import { type ParquetRow, rowsOfGroup } from '../../src/parquet/rows.ts'
import { checkCodec, type ParquetColumn, parquetPieces } from '../../src/parquet/write.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/parquet/${name}.parquet`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-parquet-'))

async function allRows(path: string, names?: readonly string[], skip = 0): Promise<ParquetRow[]> {
  const file = await openParquet(path)
  try {
    const rows: ParquetRow[] = []
    for (const group of file.groups.keys()) {
      for await (const piece of rowsOfGroup(file, group, names ?? columnNames(file), skip))
        rows.push(...piece)
    }
    return rows
  } finally {
    await file.handle.close()
  }
}

async function written(
  columns: readonly ParquetColumn[],
  rows: readonly (readonly unknown[])[],
  codec = 'snappy' as const,
) {
  const path = join(folder, 'written.parquet')
  async function* cells() {
    yield* rows
  }
  const pieces: Uint8Array[] = []
  const layout = { columns, codec, metadata: { about: 'this' }, createdBy: 'a test' }
  for await (const piece of parquetPieces(cells(), layout)) pieces.push(piece)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}

describe('files of pyarrow', () => {
  // What test/fixtures/parquet/make.py says: rock salt of edge 5 + n / 10 Å.
  const edge = (n: number) => 5 + n / 10

  it.each(['pages', 'zstd-v2', 'gzip', 'plain'])('%s: lists of lists, row by row', async (name) => {
    const rows = await allRows(fixture(name))
    expect(rows.map(({ material_id: id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `c${n}`))
    for (const [n, { lattice, frac, numbers }] of rows.entries()) {
      expect(lattice).toEqual([
        [edge(n), 0, 0],
        [0, edge(n), 0],
        [0, 0, edge(n)],
      ])
      expect((frac as number[][])[1]).toEqual([0, 0.5, 0.5])
      expect((frac as number[][]).length).toBe(8)
      expect((numbers as bigint[]).map(Number)).toEqual(
        n % 2 === 0 ? [11, 11, 11, 11, 17, 17, 17, 17] : [12, 12, 12, 12, 8, 8, 8, 8],
      )
    }
  })

  it('passes over rows of a group, where pages do not end with rows', async () => {
    const rows = await allRows(fixture('pages'), ['material_id', 'lattice'], 3)
    expect(rows.map(({ material_id: id }) => id)).toEqual(['c3', 'c4', 'c8', 'c9'])
    expect(rows.map(({ lattice }) => (lattice as number[][])[0][0])).toEqual([3, 4, 8, 9].map(edge))
  })

  it('structs are objects', async () => {
    const [, row] = await allRows(fixture('jarvis'), ['atoms'])
    expect(row.atoms).toMatchObject({
      cartesian: true,
      elements: ['Mg', 'Mg', 'Mg', 'Mg', 'O', 'O', 'O', 'O'],
    })
  })
})

describe('files of our own', () => {
  it('every type, with nothing in some cells, over several row groups', async () => {
    const columns = [
      { name: 'text', type: 'STRING', lists: 0 },
      { name: 'number', type: 'DOUBLE', lists: 0 },
      { name: 'whole', type: 'INT32', lists: 0 },
      { name: 'truth', type: 'BOOLEAN', lists: 0 },
      { name: 'numbers', type: 'INT32', lists: 1 },
      { name: 'rows', type: 'DOUBLE', lists: 2 },
    ] as const satisfies readonly ParquetColumn[]
    const cells = (n: number) => [`é ${n}`, n / 3, n, n % 2 === 0, [n, n + 1], [[n, 0.5], [], [1]]]
    const rows = Array.from({ length: 20_000 }, (_, n) => (n % 7 === 0 ? columns.map(() => null) : cells(n)))
    const path = await written(columns, rows)
    const read = await allRows(path)
    expect(read.length).toBe(20_000)
    expect(read.map((row) => columns.map(({ name }) => row[name]))).toEqual(rows)
    const { metadata, groups, handle } = await openParquet(path)
    await handle.close()
    expect(groups.length).toBeGreaterThan(1)
    expect(metadata.key_value_metadata).toContainEqual({ key: 'about', value: 'this' })
  })

  it('no rows at all', async () => {
    const path = await written([{ name: 'a', type: 'DOUBLE', lists: 0 }], [])
    expect(await allRows(path)).toEqual([])
  })

  it('zstd says what it needs where Node has none', async () => {
    const zlib = (await import('node:zlib')) as { zstdCompressSync?: unknown }
    if (zlib.zstdCompressSync) expect(() => checkCodec('zstd')).not.toThrow()
    else expect(() => checkCodec('zstd')).toThrow(/Node 22\.15 or newer.*use snappy/)
  })
})

describe('what is no Parquet file', () => {
  it.each([
    ['empty', ''],
    ['a text', 'lattice frac numbers, and so on'],
    ['a footer of 4 GB', 'PAR1....\xff\xff\xff\xffPAR1'],
    ['a footer longer than the file', 'PAR1....\x00\x10\x00\x00PAR1'],
  ])('%s', async (_, content) => {
    const path = join(folder, 'none.parquet')
    writeFileSync(path, Buffer.from(content, 'latin1'))
    await expect(openParquet(path)).rejects.toThrow(/none\.parquet: (is a damaged Parquet file|a footer of)/)
  })

  it('one that is not there', async () => {
    await expect(openParquet(join(folder, 'absent.parquet'))).rejects.toThrow('absent.parquet: no such file')
  })

  it('bytes that were changed are an error or other rows, never a crash, a hang or a flood', async () => {
    const path = join(folder, 'changed.parquet')
    for (const name of ['pages', 'zstd-v2', 'jarvis', 'gzip']) {
      const bytes = readFileSync(fixture(name))
      for (let trial = 0; trial < 40; trial++) {
        const draw = random(5, trial)
        const changed = Buffer.from(bytes)
        for (let n = 0; n < 3; n++) changed[draw.integer(changed.length)] = draw.integer(256)
        writeFileSync(path, changed)
        const rows = await allRows(path).catch((error: { code?: string }) => {
          expect(['PARSE', 'LIMIT'], String(error)).toContain(error.code)
          return []
        })
        expect(rows.length).toBeLessThan(1000)
      }
    }
  })
})
