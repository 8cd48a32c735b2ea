import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Row } from '../../src/screen/columns.ts'
import { isOf, type Plan, planOf } from '../../src/screen/plan.ts'
import { readTask } from '../../src/screen/read.ts'

const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-plan-'))
const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/parquet/${name}.parquet`, import.meta.url))
const plan = (inputs: readonly string[], rows = 10, id?: string) => planOf(inputs, { rows, id })

async function rowsOf({ tasks }: Plan, id?: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const task of tasks) for await (const row of readTask(task, id)) rows.push(row)
  return rows
}

const line = (n: number) =>
  JSON.stringify({
    name: `n${n}`,
    lattice: [
      [3 + n, 0, 0],
      [0, 4, 0],
      [0, 0, 5],
    ],
    frac: [[0, 0, 0]],
    numbers: [n + 1],
  })
const frame = (n: number) =>
  `2\nLattice="${5 + n} 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3 tag="t ${n}"\nNa 0 0 0\nCl 2.5 2.5 2.5\n`

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('shards', () => {
  it('every task is of one shard, and shards are alike', () => {
    for (const [tasks, n] of [
      [100, 7],
      [3, 5],
      [16, 16],
      [1, 1],
    ]) {
      const counts = Array.from({ length: n }, (_, s) => s + 1).map(
        (i) => Array.from({ length: tasks }, (_, task) => task).filter((task) => isOf(task, { i, n })).length,
      )
      expect(counts.reduce((a, b) => a + b)).toBe(tasks)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }
  })
})

describe('JSON lines', () => {
  it('are cut by lines; blank and bad ones count as they should', async () => {
    const lines = [
      line(0),
      '',
      line(1),
      'nonsense',
      '  ',
      ...Array.from({ length: 20 }, (_, n) => line(n + 2)),
    ]
    for (const end of ['\n', '', '\r\n']) {
      const path = file('a.jsonl', lines.join(end === '\r\n' ? end : '\n') + end)
      const { tasks, crystals } = await plan([path], 10)
      expect(crystals).toBe(23)
      expect(tasks.map((task) => 'count' in task && task.count)).toEqual([10, 10, 3])
      const rows = await rowsOf({ tasks } as Plan)
      expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 23 }, (_, n) => n))
      expect(rows.map(({ id }) => id)[22]).toBe(`${path}#22`)
      expect(rows[2].error?.message).toContain('a.jsonl, line 4: not valid JSON')
      const good = rows.filter(({ structure }) => structure)
      expect(good.map(({ structure }) => structure!.lattice[0][0])).toEqual(
        Array.from({ length: 22 }, (_, n) => 3 + n),
      )
    }
  })

  it('ids come from a field, where it is there', async () => {
    const path = file('b.jsonl', [line(0), '{"lattice":1}', line(2)].join('\n'))
    const rows = await rowsOf(await plan([path]), 'name')
    expect(rows.map(({ id }) => id)).toEqual(['n0', `${path}#1`, 'n2'])
  })
})

describe('extended XYZ', () => {
  it('is cut by frames; what follows one that is none is one error', async () => {
    const path = file('a.xyz', `${Array.from({ length: 25 }, (_, n) => frame(n)).join('')}x\n${frame(0)}`)
    const { tasks } = await plan([path], 10)
    expect(tasks.map((task) => 'count' in task && task.count)).toEqual([10, 10, 6])
    const rows = await rowsOf({ tasks } as Plan, 'tag')
    expect(rows.slice(0, 25).map(({ structure }) => structure!.lattice[0][0])).toEqual(
      Array.from({ length: 25 }, (_, n) => 5 + n),
    )
    expect(rows[13].id).toBe('t 13')
    expect(rows.length).toBe(26)
    expect(rows[25].error?.message).toContain('line 101: expected the number of atoms')
  })
})

describe('whole files', () => {
  it('small ones are read together, in the order of their names; packed ones and archives among them', async () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    for (let n = 0; n < 12; n++) writeFileSync(join(inner, `f${String(n).padStart(2, '0')}.json`), line(n))
    writeFileSync(join(inner, 'g.jsonl.gz'), gzipSync(`${line(12)}\n${line(13)}\n`))
    const { tasks, files } = await plan([inner], 10)
    expect(files).toBe(13)
    expect(tasks.map((task) => task.kind === 'files' && task.files.length)).toEqual([10, 3])
    const rows = await rowsOf({ tasks } as Plan)
    expect(rows.map(({ structure }) => structure!.species[0][0].element)).toEqual(
      Array.from({ length: 14 }, (_, n) => n + 1),
    )
  })

  it('a file that is not there, and a folder without structures, are rows with errors', async () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const rows = await rowsOf(await plan([join(folder, 'absent.cif'), empty, join(folder, 'absent.parquet')]))
    expect(rows.map(({ error }) => error?.message)).toEqual([
      expect.stringContaining('absent.cif: no such file'),
      expect.stringContaining('empty: holds no structure files'),
      expect.stringContaining('absent.parquet: no such file'),
    ])
  })
})

describe('Parquet', () => {
  // Rock salt of edge 5 + n / 10 Å, NaCl and MgO in turns: test/fixtures/parquet/make.py.
  it.each(['pages', 'zstd-v2', 'gzip', 'plain', 'float32-flat', 'optimade', 'jarvis', 'cif', 'json'])(
    '%s: twelve crystals',
    async (name) => {
      const rows = await rowsOf(await plan([fixture(name)]))
      expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, n) => n))
      for (const [n, { structure, error }] of rows.entries()) {
        expect(error).toBeUndefined()
        expect(structure!.lattice[1][1]).toBeCloseTo(5 + n / 10, 6)
        expect(structure!.species.map(([{ element }]) => element)).toEqual(
          [0, 0, 0, 0, 1, 1, 1, 1].map((site) => [n % 2 === 0 ? 11 : 12, n % 2 === 0 ? 17 : 8][site]),
        )
        for (const [a, row] of structure!.frac.entries()) {
          const corner = [
            [0, 0, 0],
            [0, 0.5, 0.5],
            [0.5, 0, 0.5],
            [0.5, 0.5, 0],
          ][a % 4]
          for (const [k, x] of row.entries()) expect(x).toBeCloseTo(corner[k] + (a < 4 ? 0 : 0.5), 9)
        }
      }
    },
  )

  it('a task is a row group; ids come from a column', async () => {
    const { tasks, crystals } = await plan([fixture('pages')], 10, 'material_id')
    expect(tasks.map((task) => task.kind === 'parquet' && [task.first, task.rows])).toEqual([
      [0, 5],
      [5, 5],
      [10, 2],
    ])
    expect(crystals).toBe(12)
    const rows = await rowsOf({ tasks } as Plan, 'material_id')
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `c${n}`))
  })

  it('rows that are no crystals are rows with errors', async () => {
    const rows = await rowsOf(await plan([fixture('broken-rows')]), 'id')
    expect(rows.map(({ id, error }) => [id, error?.message])).toEqual([
      ['c0', undefined],
      ['c1', 'lattice: expected a list, found nothing'],
      ['c2', '3 coordinates for 8 species'],
      ['c3', 'site 1: atomic number 500 is not an integer from 1 to 118'],
      ['c4', undefined],
    ])
  })

  it('wrong columns are said before anything is done', async () => {
    await expect(plan([fixture('no-structures')])).rejects.toThrow(
      /no column of structures among id, energy; expected lattice, frac and numbers/,
    )
    await expect(plan([fixture('gzip')], 10, 'mp_id')).rejects.toThrow(
      'no column "mp_id" for --id; columns are material_id, lattice, frac, numbers',
    )
  })
})

it('the plan changes with the inputs, and with nothing else', async () => {
  const path = file('c.jsonl', `${line(0)}\n${line(1)}\n`)
  const before = await plan([path])
  expect(await plan([path])).toEqual(before)
  file('c.jsonl', `${line(0)}\n${line(1)}\n${line(2)}\n`)
  expect((await plan([path])).digest).not.toBe(before.digest)
})
