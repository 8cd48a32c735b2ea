import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { load } from '../../runtimes/node/load.ts'
import { structure } from '../../src/crystal/structure.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { openParquet } from '../../src/parquet/open.ts'
import { rowsOfGroup } from '../../src/parquet/rows.ts'
import { type ScreenOptions, screen } from '../../src/screen/screen.ts'
import { CLI, cli, shell } from '../cli/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-screen-'))
const INPUT = join(folder, 'in.jsonl')
const CRYSTALS = 120
/** Lines of the input that are no crystals. */
const BAD = [5, 63]
const MODEL = ['-m', 'formation-energy']
const SCREEN = ['screen', INPUT, ...MODEL, '--rows', '20', '--id', 'name']

function crystal(n: number) {
  const draw = random(9, n)
  const edge = 4 + draw.uniform()
  const lattice = [
    [edge, 0, 0],
    [0, edge, 0],
    [0, 0, edge + 1],
  ]
  const frac = [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ]
  return { lattice, frac, numbers: [draw.pick([3, 11, 19]), draw.pick([9, 17, 35])] }
}

/** Everything in the parts, and what else is there. */
function resultOf(out: string): { parts: string; others: string[] } {
  const digest = createHash('sha256')
  for (const name of readdirSync(join(out, 'parts')).sort()) {
    digest.update(name).update(readFileSync(join(out, 'parts', name)))
  }
  for (const name of ['best.csv', 'histogram.csv', 'screen.json'])
    digest.update(readFileSync(join(out, name)))
  const all = readdirSync(out, { recursive: true }).map(String)
  return { parts: digest.digest('hex'), others: all.filter((name) => /\.tmp$|lock/.test(name)) }
}

async function rowsIn(out: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for (const name of readdirSync(join(out, 'parts')).sort()) {
    const file = await openParquet(join(out, 'parts', name))
    const names = file.schema.children.map(({ element }) => element.name)
    for (const group of file.groups.keys()) {
      for await (const piece of rowsOfGroup(file, group, names)) rows.push(...piece)
    }
    await file.handle.close()
  }
  return rows
}

const REFERENCE = join(folder, 'reference')
let reference: ReturnType<typeof resultOf>

beforeAll(async () => {
  const lines = Array.from({ length: CRYSTALS }, (_, n) =>
    BAD.includes(n) ? '{"name": "bad", "lattice": 0}' : JSON.stringify({ name: `x${n}`, ...crystal(n) }),
  )
  writeFileSync(INPUT, lines.join('\n'))
  const { code } = await cli(...SCREEN, '-o', REFERENCE, '--workers', '1')
  expect(code).toBe(3)
  reference = resultOf(REFERENCE)
}, 60_000)

describe('an undisturbed screening', () => {
  it('has a row for every crystal, in the order of the input, with what predictMany says', async () => {
    const rows = await rowsIn(REFERENCE)
    expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: CRYSTALS }, (_, n) => n))
    expect(
      rows.filter(({ error }) => error !== null).map(({ id, index, error_code }) => [id, index, error_code]),
    ).toEqual(BAD.map((index) => ['bad', index, 'PARSE']))
    const model = await load('formation-energy', { worker: false, threads: 1 })
    const structures = Array.from({ length: CRYSTALS }, (_, n) => crystal(n))
    let n = 0
    for await (const { value, interval, domain } of model.predictMany(
      structures.map(({ lattice, frac, numbers }) => structure({ lattice, frac, species: numbers })),
    )) {
      const row = rows[n]
      if (!BAD.includes(n)) {
        expect(row.value).toBeCloseTo(value!, 5)
        expect(row.low).toBeCloseTo(interval!.low[0], 5)
        expect([row.id, row.domain, row.n_sites]).toEqual([`x${n}`, domain!.inside, 2])
      }
      n++
    }
    await model.dispose()
  })

  it('says what was done in the manifest and in the metadata of the parts', async () => {
    const manifest = JSON.parse(readFileSync(join(REFERENCE, 'screen.json'), 'utf8'))
    const model = readFileSync(new URL('../../models/pretrained/formation-energy.onnx', import.meta.url))
    expect(manifest.model.sha256).toBe(createHash('sha256').update(model).digest('hex'))
    expect(manifest.columns.value).toMatchObject({ type: 'double', unit: 'eV/atom' })
    const part = await openParquet(join(REFERENCE, 'parts', 'part-000000-0000.parquet'))
    await part.handle.close()
    const [{ value }] = part.metadata.key_value_metadata!.filter(({ key }) => key === 'crystal-onnx')
    expect(JSON.parse(value!).columns).toEqual(manifest.columns)
  })

  it('the summary lists the best', async () => {
    const [head, first] = readFileSync(join(REFERENCE, 'best.csv'), 'utf8').split('\n')
    const values = (await rowsIn(REFERENCE)).flatMap(({ value }) =>
      typeof value === 'number' ? [value] : [],
    )
    expect(Number(first.split(',')[head.split(',').indexOf('value')])).toBe(Math.min(...values))
    expect(readFileSync(join(REFERENCE, 'summary.html'), 'utf8')).toMatch(/<svg[\s\S]*PARSE/)
  })

  it('worker processes give the same', async () => {
    const out = join(folder, 'two')
    const { code, lines } = await cli(...SCREEN, '-o', out, '--workers', '2', '--json')
    expect(code).toBe(3)
    expect(lines.at(-1)).toMatchObject({ crystals: CRYSTALS, failed: 2, parts: 6, skipped: 0 })
    expect(resultOf(out)).toEqual(reference)
  })

  it('shards of one folder give the same, and the last one writes the summary', async () => {
    const out = join(folder, 'shards')
    for (const [i, whole] of [
      [2, false],
      [1, false],
      [3, true],
    ] as const) {
      const { lines } = await cli(...SCREEN, '-o', out, '--workers', '1', '--shard', `${i}/3`, '--json')
      expect(lines.at(-1).summary !== null).toBe(whole)
    }
    expect(resultOf(out)).toEqual(reference)
  })

  it('a stream is cut into parts as it is read, and filtered', async () => {
    const out = join(folder, 'stream')
    const packed = `gzip -c ${INPUT} > ${join(folder, 'in.jsonl.gz')}`
    const options = `-m formation-energy --rows 50 --format jsonl --columns id,value,lattice,error_code`
    const { code } = await shell(
      `${packed}; cx screen ${join(folder, 'in.jsonl.gz')} -o ${out} ${options} --filter 'value < -1'`,
    )
    expect(code).toBe(3)
    expect(readdirSync(join(out, 'parts')).length).toBe(3)
    const rows = readdirSync(join(out, 'parts'))
      .sort()
      .flatMap((name) =>
        readFileSync(join(out, 'parts', name), 'utf8')
          .trim()
          .split('\n'),
      )
      .map((line) => JSON.parse(line))
    const all = await rowsIn(REFERENCE)
    const expected = all.filter(({ value, error }) => error !== null || (value as number) < -1)
    expect(rows.length).toBe(expected.length)
    expect(Object.keys(rows[0])).toEqual(['id', 'value', 'lattice', 'error_code'])
    for (const [n, { value }] of rows.entries()) {
      if (value === null) expect(expected[n].value).toBeNull()
      else expect(value).toBeCloseTo(expected[n].value as number, 5)
    }
  })
})

/** The same in this process: quicker where no process is needed. */
function here(inputs: readonly string[], folder: string, options: Partial<ScreenOptions> = {}) {
  return screen({
    ...{ inputs, folder, model: 'formation-energy', device: 'cpu', engine: 'auto', workers: 1 },
    ...{ format: 'parquet', codec: 'snappy', rows: 20, id: 'name', level: 0.9, top: 100, highest: false },
    ...{ columns: undefined, filter: undefined, onWarning: () => {} },
    ...options,
  })
}

describe('what is refused, with nothing overwritten', () => {
  const countFiles = () => readdirSync(REFERENCE, { recursive: true }).length
  it.each([
    ['another model', { model: 'band-gap' }, /begun with another model .*screen into a new folder/],
    ['other rows a part', { rows: 30 }, /begun with --rows 20, now it is 30/],
    ['a filter', { filter: 'domain' }, /begun with --filter nothing, now it is domain/],
    ['other columns', { columns: ['id', 'value'] }, /begun with --columns/],
  ])('%s', async (_, options, message) => {
    const count = countFiles()
    await expect(here([INPUT], REFERENCE, options)).rejects.toThrow(message)
    expect(countFiles()).toBe(count)
    expect(resultOf(REFERENCE)).toEqual(reference)
  })

  it('inputs that changed', async () => {
    const more = join(folder, 'more.jsonl')
    writeFileSync(more, `${readFileSync(INPUT, 'utf8')}\n${JSON.stringify(crystal(1))}\n`)
    await expect(here([more], REFERENCE)).rejects.toThrow(/begun with other inputs/)
  })

  it('a folder with other files', async () => {
    const out = join(folder, 'other')
    mkdirSync(out)
    writeFileSync(join(out, 'mine.txt'), 'mine')
    await expect(here([INPUT], out)).rejects.toThrow(/holds other files \(mine\.txt\)/)
    expect(readdirSync(out)).toEqual(['mine.txt'])
  })

  it('two screenings into one folder, and shards that overlap', async () => {
    const out = join(folder, 'both')
    const first = spawn(process.execPath, [CLI, ...SCREEN, '-o', out, '--workers', '1'], { stdio: 'ignore' })
    const lock = join(out, 'shard-1-of-1.lock.json')
    while (!(existsSync(lock) && statSync(lock).size > 0) && first.exitCode === null) await sleep(5)
    first.kill('SIGSTOP')
    const [same, overlapping] = [
      await cli(...SCREEN, '-o', out),
      await cli(...SCREEN, '-o', out, '--shard', '1/2'),
    ]
    first.kill('SIGCONT')
    expect([same.code, same.stderr]).toEqual([
      1,
      expect.stringMatching(/process \d+ screens into .* already/),
    ])
    expect([overlapping.code, overlapping.stderr]).toEqual([
      1,
      expect.stringMatching(/as shard 1\/1, which overlaps/),
    ])
    await once(first, 'exit')
    expect(resultOf(out)).toEqual(reference)
  })

  it('wrong usage', async () => {
    for (const args of [['-o', 'x', '--shard', '4/3'], []]) {
      expect((await cli('screen', INPUT, ...args)).code, args.join(' ')).toBe(2)
    }
    await expect(here([INPUT], join(folder, 'no'), { filter: 'energy < 1' })).rejects.toThrow(
      /there is no column "energy"/,
    )
    expect(existsSync(join(folder, 'no'))).toBe(false)
  })
})

describe('what goes on after an end', () => {
  it('kill -9 of the process or of a worker, and again: the same result', async () => {
    const draw = random(21)
    for (const workers of ['1', '2']) {
      const out = join(folder, `killed-${workers}`)
      for (let n = 0; n < 2; n++) {
        const child = spawn(process.execPath, [CLI, ...SCREEN, '-o', out, '--workers', workers], {
          stdio: 'ignore',
        })
        await sleep(300 + 900 * draw.uniform())
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }
      expect((await cli(...SCREEN, '-o', out, '--workers', workers)).code).toBe(3)
      expect(resultOf(out)).toEqual(reference)
    }
  })

  it('a worker that dies is replaced', async () => {
    const out = join(folder, 'worker')
    const child = spawn(process.execPath, [CLI, ...SCREEN, '-o', out, '--workers', '2'], { stdio: 'ignore' })
    const done = join(out, 'done')
    while ((!existsSync(done) || readdirSync(done).length === 0) && child.exitCode === null) await sleep(5)
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
    if (children[0] !== '') process.kill(Number(children[0]), 'SIGKILL')
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    expect(code).toBe(3)
    expect(resultOf(out)).toEqual(reference)
  })

  it('a part that was lost or cut off is made again', async () => {
    const out = join(folder, 'lost')
    cpSync(REFERENCE, out, { recursive: true })
    rmSync(join(out, 'parts', 'part-000001-0000.parquet'))
    const cut = join(out, 'parts', 'part-000003-0000.parquet')
    writeFileSync(cut, readFileSync(cut).subarray(0, 100))
    expect(await here([INPUT], out)).toMatchObject({ skipped: 4, parts: 6 })
    expect(resultOf(out)).toEqual(reference)
  })

  it('a finished part that cannot be read is said, with what to do', async () => {
    const out = join(folder, 'unreadable')
    cpSync(REFERENCE, out, { recursive: true })
    const path = join(out, 'parts', 'part-000003-0000.parquet')
    writeFileSync(path, Buffer.alloc(readFileSync(path).length))
    await expect(here([INPUT], out)).rejects.toThrow(
      /part-000003-0000\.parquet: a finished part cannot be read .*delete it/,
    )
  })

  it('a file that may not grow ends it with a clear error; room again, it goes on', async () => {
    const out = join(folder, 'full')
    const command = `cx screen ${SCREEN.slice(1).join(' ')} -o ${out} --workers 1`
    const { code, stderr } = await shell(`ulimit -f 4; ${command}`)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/cannot be written: it would be larger than a file may be/),
    ])
    expect(readdirSync(out, { recursive: true }).filter((name) => /\.tmp$|lock/.test(String(name)))).toEqual(
      [],
    )
    expect((await shell(command)).code).toBe(3)
    expect(resultOf(out)).toEqual(reference)
  })
})
