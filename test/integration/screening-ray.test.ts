// The driver of examples/ray on a real Ray of this machine: nothing is lost when its processes are killed, and both ways to
// predict agree. What `screen` writes is read by pyarrow, pandas and DuckDB.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/math/random/xoshiro.ts'
import { CLI, cli } from '../cli/run.ts'
import { exportCase, TINY } from '../exporters/crystal/exported.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PYTHON = join(root, 'node_modules/.cache/crystal-onnx/ray/bin/python')
const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-ray-'))
const INPUT = join(folder, 'in.parquet')
const MODEL = join(folder, 'in-graph.onnx')
const ROWS = 120

const MAKE = `
import json, sys, pyarrow as pa, pyarrow.parquet as pq
rows = [json.loads(line) for line in open(sys.argv[1])]
pq.write_table(pa.table({key: [row[key] for row in rows] for key in rows[0]}), sys.argv[2], row_group_size=30)
`
const READ = `
import glob, json, sys, pyarrow.parquet as pq
rows = [row for path in sorted(glob.glob(sys.argv[1] + '/part-*.parquet')) for row in pq.read_table(path).to_pylist()]
print(json.dumps(rows))
`

function python(script: string, ...args: string[]): string {
  return execFileSync(PYTHON, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 })
}

interface Row {
  readonly id: string
  readonly value: number | null
  readonly error_code: string | null
}

function rowsIn(out: string): Row[] {
  return JSON.parse(python(READ, out))
}

function drive(out: string, ...options: string[]) {
  const args = [
    join(root, 'examples/ray/crystal_screen.py'),
    INPUT,
    '-o',
    out,
    '--id',
    'id',
    '--workers',
    '2',
  ]
  const command = ['--command', `${process.execPath} ${CLI}`, '--model', MODEL]
  return spawn(PYTHON, [...args, ...command, ...options], { stdio: ['ignore', 'ignore', 'ignore'] })
}

async function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

/** Processes of this test whose command line holds all of this. */
function processes(...parts: string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return parts.every((part) => line.includes(part))
      } catch {
        return false
      }
    })
    .map(Number)
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(20)
}

const parts = (out: string) =>
  existsSync(out) ? readdirSync(out).filter((name) => /^part-\d+-\d+\.parquet$/.test(name)) : []

beforeAll(() => {
  if (!existsSync(PYTHON)) return
  const lines = Array.from({ length: ROWS }, (_, n) => {
    const draw = random(4, n)
    const edge = n === 31 ? 0 : 4 + draw.uniform()
    return JSON.stringify({
      id: `x${n}`,
      lattice: [
        [edge, 0, 0],
        [0, edge, 0],
        [0, 0, edge],
      ],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
      numbers: [11, 17],
    })
  })
  writeFileSync(join(folder, 'in.jsonl'), lines.join('\n'))
  python(MAKE, join(folder, 'in.jsonl'), INPUT)
})

describe.skipIf(!existsSync(PYTHON))('Ray Data (skipped where .ci/run could not install it)', () => {
  let reference: Row[]

  beforeAll(async () => {
    writeFileSync(MODEL, (await exportCase({ ...TINY, mode: 'converged' }, { inGraph: true })).bytes)
    const out = join(folder, 'reference')
    expect(await ended(drive(out))).toBe(0)
    reference = rowsIn(out)
  }, 120_000)

  it('has a row for every crystal, in order', () => {
    expect(reference.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, n) => `x${n}`))
    expect(
      reference.flatMap(({ id, error_code }) => (error_code === null ? [] : [[id, error_code]])),
    ).toEqual([['x31', 'PARSE']])
  })

  it('a Node process, then the driver, are killed: the same rows once the command ran again', async () => {
    const out = join(folder, 'killed')
    const first = drive(out)
    await until(() => processes('screen', '--stdio', MODEL).length > 0)
    for (const pid of processes('screen', '--stdio', MODEL)) process.kill(pid, 'SIGKILL')
    await until(() => parts(out).length > 0)
    first.kill('SIGKILL')
    await ended(first)
    expect(await ended(drive(out))).toBe(0)
    expect(rowsIn(out)).toEqual(reference)
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([])
  }, 180_000)

  it('onnxruntime alone gives the same values', async () => {
    const out = join(folder, 'onnxruntime')
    expect(await ended(drive(out, '--engine', 'onnxruntime'))).toBe(0)
    const rows = rowsIn(out)
    expect(rows.map(({ id }) => id)).toEqual(reference.map(({ id }) => id))
    for (const [n, { value }] of rows.entries()) {
      if (n === 31) expect(value).toBeNull()
      else expect(Math.abs(value! - reference[n].value!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value!)))
    }
  }, 120_000)
})

describe.skipIf(!existsSync(PYTHON))('readers of Parquet in Python', () => {
  it('pyarrow, pandas and DuckDB read what screen wrote, with units', async () => {
    const out = join(folder, 'screened')
    const columns = 'id,formula,value,domain,error,lattice,frac,numbers'
    const { code } = await cli('screen', INPUT, '-o', out, '--rows', '50', '--id', 'id', '--columns', columns)
    expect(code).toBe(3)
    const packed = join(folder, 'all.parquet')
    expect((await cli('query', out, 'from results', '-o', packed)).code).toBe(0)
    const said = JSON.parse(
      python(
        `
import json, sys, duckdb, pandas as pd, pyarrow.dataset as ds, pyarrow.parquet as pq
parts = sys.argv[1] + '/parts'
table, frame = ds.dataset(parts).to_table(), pd.read_parquet(parts)
packed = pq.ParquetFile(sys.argv[2])
assert packed.read().equals(table) and packed.schema_arrow.metadata == table.schema.metadata
assert packed.metadata.row_group(0).column(0).compression == 'ZSTD'
count, least = duckdb.sql(f"select count(*), min(value) from '{parts}/*.parquet' where domain is not null").fetchall()[0]
print(json.dumps({
    'types': {field.name: str(field.type) for field in table.schema},
    'unit': json.loads(table.schema.metadata[b'crystal-onnx'])['columns']['value']['unit'],
    'rows': table.num_rows, 'failed': int(frame.error.notna().sum()), 'duckdb': count, 'least': least, 'pandas': frame.value.min(),
    'lattice': table['lattice'][3].as_py(), 'numbers': table['numbers'][3].as_py(), 'nothing': table['frac'][31].as_py(),
}))
`,
        ...[out, packed],
      ),
    )
    expect(said).toMatchObject({ unit: 'eV/atom', rows: ROWS, failed: 1, duckdb: ROWS - 1, nothing: null })
    expect(said.least).toBe(said.pandas)
    expect(said.numbers).toEqual([11, 17])
    expect(said.lattice[0][0]).toBeGreaterThan(4)
    expect(said.types).toMatchObject({
      id: 'string',
      value: 'double',
      domain: 'bool',
      numbers: 'list<element: int32>',
    })
  })
})
