// SQL over what a screening wrote, by a real DuckDB: rows, files, units, and what it refuses.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openParquet } from '../../src/parquet/open.ts'
import { queryRows, writeQuery } from '../../src/screen/query.ts'
import { type ScreenOptions, screen } from '../../src/screen/screen.ts'
import { cli, temporaryFolder } from '../cli/run.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A name that is a pattern, and the end of a text, for whoever does not quote it. */
const OUT = join(folder, "a [1] o'clock*")
const LINES = join(folder, 'lines')

function screened(out: string, options: Partial<ScreenOptions> = {}) {
  return screen({
    ...{ inputs: [join(folder, 'in.jsonl')], folder: out, model: 'formation-energy', device: 'cpu' },
    ...{ engine: 'auto', workers: 1, format: 'parquet', codec: 'snappy', rows: 2, id: 'name', level: 0.9 },
    columns: ['id', 'n_sites', 'value', 'domain', 'error_code', 'lattice', 'numbers'],
    ...{ top: 1, highest: false, filter: undefined, onWarning: () => {} },
    ...options,
  })
}

beforeAll(async () => {
  const crystals = ['a', 'b', 'c'].map((name, n) => {
    const edge = 5.5 + n / 10
    const lattice = [
      [edge, 0, 0],
      [0, edge, 0],
      [0, 0, edge],
    ]
    const frac = [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ]
    return JSON.stringify({ name, lattice, frac, numbers: [55, 17] })
  })
  writeFileSync(join(folder, 'in.jsonl'), [...crystals, '{"name": "bad", "lattice": 0}'].join('\n'))
  await screened(OUT)
  await screened(LINES, { format: 'jsonl' })
}, 60_000)

async function rowsOf(out: string, sql: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for await (const row of queryRows(out, sql)) rows.push(row)
  return rows
}

it.each([
  ['Parquet', () => OUT],
  ['JSON lines', () => LINES],
])('asks all parts of %s', async (_, out) => {
  expect(await rowsOf(out(), 'select count(*) as n, sum(n_sites) as sites from results')).toEqual([
    { n: 4, sites: 6 },
  ])
  const [bad, ...rows] = await rowsOf(
    out(),
    'select id, error_code, lattice, numbers, lattice[1][1] as edge from results order by error_code, id desc',
  )
  expect([bad.id, bad.error_code, bad.lattice]).toEqual(['bad', 'PARSE', null])
  expect(rows.map(({ id, edge }) => [id, edge])).toEqual([
    ['c', 5.7],
    ['b', 5.6],
    ['a', 5.5],
  ])
  expect(rows[0].numbers).toEqual([55, 17])
})

it('writes what was asked, with the units of the columns that are still there', async () => {
  const path = join(folder, 'few.parquet')
  await writeQuery(OUT, 'select id, value, 2 * n_sites as twice from results where error_code is null;', path)
  const file = await openParquet(path)
  await file.handle.close()
  expect(file.schema.children.map(({ element }) => element.name)).toEqual(['id', 'value', 'twice'])
  expect(Number(file.metadata.num_rows)).toBe(3)
  expect(file.metadata.row_groups[0].columns[0].meta_data!.codec).toBe('ZSTD')
  const { value } = file.metadata.key_value_metadata!.find(({ key }) => key === 'crystal-onnx')!
  const { columns } = JSON.parse(value!)
  expect(Object.keys(columns).sort()).toEqual(['id', 'value'])
  expect(columns.value.unit).toBe('eV/atom')
  await writeQuery(OUT, "select id from results where id = 'b'", join(folder, 'one.csv'))
  expect(readFileSync(join(folder, 'one.csv'), 'utf8')).toBe('id\nb\n')
  expect(readdirSync(folder).filter((name) => /tmp/.test(name))).toEqual([])
})

it('is a command', async () => {
  const least = 'select id, value from results order by value limit 1'
  const { code, lines } = await cli('query', OUT, least, '--json')
  expect([code, lines]).toEqual([0, await rowsOf(LINES, least)])
  const file = join(folder, 'all.jsonl')
  expect((await cli('query', OUT, 'from results', '-o', file)).code).toBe(0)
  expect(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(['a', 'b', 'c', 'bad'])
})

it('says what is wrong, and writes nothing', async () => {
  const path = join(folder, 'nothing.parquet')
  await expect(rowsOf(OUT, 'select energy from results')).rejects.toThrow(/DuckDB: .*"energy" not found/)
  await expect(writeQuery(OUT, 'select energy from results', path)).rejects.toThrow(/"energy" not found/)
  await expect(rowsOf(OUT, "from 'https://example.org/x.parquet'")).rejects.toThrow(/extension httpfs/)
  await expect(rowsOf(folder, 'from results')).rejects.toThrow(/holds no screen\.json/)
  const { code, stderr } = await cli('query', OUT, 'from results', '-o', join(folder, 'x.xlsx'))
  expect([code, stderr]).toEqual([1, expect.stringMatching(/ends in \.parquet, \.csv, \.jsonl/)])
  const empty = join(folder, 'empty')
  mkdirSync(join(empty, 'done'), { recursive: true })
  writeFileSync(join(empty, 'screen.json'), readFileSync(join(OUT, 'screen.json')))
  await expect(rowsOf(empty, 'from results')).rejects.toThrow(/no part is finished yet/)
  expect(readdirSync(folder).filter((name) => /nothing|xlsx|tmp/.test(name))).toEqual([])
})
