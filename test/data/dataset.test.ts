import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { loadDataset, type ReadProgress, readDataset, writeDataset } from '../../src/data/dataset.ts'
import { generateIonicDataset } from '../../src/data/ionic/generate.ts'
import type { LabelledCrystal } from '../../src/data/labelled.ts'
import { datasetStatistics } from '../../src/data/statistics.ts'
import { DatasetError, LimitError, OutputError } from '../../src/errors.ts'
import { needs, shared } from '../shared.ts'

const folder = mkdtempSync(join(tmpdir(), 'dataset-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function line(id: string, extra: object = {}): string {
  const lattice = [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
  ]
  return JSON.stringify({ id, lattice, frac: [[0, 0, 0]], numbers: [26], targets: { y: 1 }, ...extra })
}

const ids = async (path: string, options = {}) => (await loadDataset(path, options)).map((c) => c.id)
const numbered = (n: number) => Array.from({ length: n }, (_, i) => line(`c${i}`))

describe('readDataset', () => {
  it('reads plain and gzip files, whatever their name, line ending, blank lines or byte order mark', async () => {
    const text = `\uFEFF${line('a')}\r\n\n${line('b')}\n   \n${line('c')}`
    expect(await ids(file('plain.jsonl', text))).toEqual(['a', 'b', 'c'])
    expect(await ids(file('zipped.jsonl', gzipSync(text)))).toEqual(['a', 'b', 'c'])
    expect(await ids(file('not-zipped.gz', text))).toEqual(['a', 'b', 'c'])
    const members = Buffer.concat([gzipSync(`${line('a')}\n`), gzipSync(line('b'))])
    expect(await ids(file('members.gz', members))).toEqual(['a', 'b'])
  })

  it('joins lines across the chunks of the stream, also inside a character', async () => {
    const long = Array.from({ length: 400 }, (_, i) => line(`é…𝄞-${i}`, { note: 'é…𝄞'.repeat(i) }))
    const path = file('long.jsonl', long.join('\n'))
    expect(await ids(path)).toEqual(long.map((_, i) => `é…𝄞-${i}`))
  })

  it('selects by target, split and limit', async () => {
    const path = file(
      'select.jsonl',
      [
        line('a', { split: 'train', targets: { y: 1, z: 0 } }),
        line('b', { split: 'test', targets: { y: 1 } }),
        line('c', { split: 'train', targets: { z: null, y: 2 } }),
        line('d', { split: 'train', targets: { z: 4 } }),
      ].join('\n'),
    )
    expect(await ids(path, { target: 'y' })).toEqual(['a', 'b', 'c'])
    expect(await ids(path, { target: ['y', 'z'] })).toEqual(['a', 'b', 'c', 'd'])
    expect(await ids(path, { target: ['z', 'x'] })).toEqual(['a', 'd'])
    expect(await ids(path, { split: 'train' })).toEqual(['a', 'c', 'd'])
    expect(await ids(path, { split: 'train', target: 'y', limit: 1 })).toEqual(['a'])
    await expect(ids(path, { target: 'gap' })).rejects.toThrow(/none of its 4 .* target gap; .* are: y, z/)
    await expect(ids(path, { split: 'val' })).rejects.toThrow(/none of its 4 crystals has split val/)
  })

  it('stops reading at the limit', async () => {
    const path = file('limit.jsonl', [...numbered(3), 'rubbish'].join('\n'))
    expect(await ids(path, { limit: 3 })).toEqual(['c0', 'c1', 'c2'])
  })

  it('names file, line and cause of a bad line', async () => {
    const path = file('bad.jsonl', [line('a'), '', line('b', { numbers: [0] })].join('\n'))
    await expect(ids(path)).rejects.toThrow(DatasetError)
    await expect(ids(path)).rejects.toThrow(`${path}, line 3: b: site 1: atomic number 0`)
  })

  it('refuses a second crystal of one id', async () => {
    const path = file('twice.jsonl', [line('a'), line('b'), line('a')].join('\n'))
    await expect(ids(path)).rejects.toThrow(`${path}, line 3: id "a" stands on line 1 already`)
  })

  it('goes on over bad lines up to a fraction of them', async () => {
    const lines = numbered(200)
    lines[7] = '{'
    lines[150] = line('x', { frac: [] })
    const path = file('some-bad.jsonl', lines.join('\n'))
    const errors: string[] = []
    const onBadRecord = (e: DatasetError) => errors.push(e.message)
    expect(await ids(path, { badRecords: { maxFraction: 0.02, onBadRecord } })).toHaveLength(198)
    expect(errors).toEqual([expect.stringContaining('line 8:'), expect.stringContaining('line 151:')])
    const strict = { badRecords: { maxFraction: 0.005, onBadRecord: () => {} } }
    await expect(ids(path, strict)).rejects.toThrow(/1 of 8 records are bad, more than the fraction 0.005/)
  })

  it('gives up early on a file that is something else', async () => {
    const path = file('prose.txt', 'Once upon a time\n'.repeat(5000))
    let bad = 0
    const options = { badRecords: { maxFraction: 0.1, onBadRecord: () => bad++ } }
    await expect(ids(path, options)).rejects.toThrow(/are bad/)
    expect(bad).toBe(11)
  })

  it('says what is wrong with a path', async () => {
    await expect(ids(join(folder, 'none.jsonl'))).rejects.toThrow(
      /none.jsonl: no such file; expected a data set/,
    )
    await expect(ids(folder)).rejects.toThrow(/no .csv file, expected a table id_prop.csv/)
    await expect(ids(file('empty.jsonl', ''))).rejects.toThrow(/holds no crystals/)
    await expect(ids(file('blank.jsonl', '\n \n'))).rejects.toThrow(/holds no crystals/)
  })

  it('reports a gzip stream that is cut off or damaged, after the crystals before it', async () => {
    // Random ids, so that the stream does not shrink to a few bytes.
    const text = Array.from({ length: 3000 }, (_, i) => line(`${i}-${(i * 2654435761) % 2 ** 32}`)).join('\n')
    const whole = gzipSync(text)
    const cut = file('cut.gz', whole.subarray(0, whole.length - 2000))
    const seen: string[] = []
    const reading = (async () => {
      for await (const crystal of readDataset(cut)) seen.push(crystal.id)
    })()
    await expect(reading).rejects.toThrow(
      /gzip stream is damaged or cut off after \d+ unpacked bytes .*again/,
    )
    await expect(reading).rejects.toThrow(DatasetError)
    expect(seen.length).toBeGreaterThan(1000)

    const damaged = Buffer.from(whole)
    damaged.fill(0xff, 5000, 5100)
    await expect(ids(file('damaged.gz', damaged))).rejects.toThrow(DatasetError)
  })

  it('bounds the unpacked size and the length of a line', async () => {
    const bomb = file('bomb.gz', gzipSync(Buffer.alloc(20e6, '\n')))
    await expect(ids(bomb, { limits: { totalBytes: 1e5 } })).rejects.toThrow(LimitError)
    await expect(ids(bomb, { limits: { totalBytes: 1e5 } })).rejects.toThrow(
      /unpacks to more than 100000 bytes/,
    )
    const oneLine = file('one-line.jsonl.gz', gzipSync(Buffer.alloc(40e6, '[')))
    await expect(ids(oneLine)).rejects.toThrow(/line 1: longer than 16777216 bytes/)
    const path = file('long-line.jsonl', `${line('a')}\n${line('b', { note: 'x'.repeat(1000) })}\n`)
    await expect(ids(path, { limits: { lineBytes: 1000 } })).rejects.toThrow(/line 2: longer than 1000 bytes/)
  })

  it('counts its progress, and closes the file when the reader stops', async () => {
    const text = numbered(1000).join('\n')
    const path = file('progress.jsonl', text)
    const reports: ReadProgress[] = []
    await ids(path, { onProgress: (p: ReadProgress) => reports.push(p) })
    expect(reports.length).toBeGreaterThan(2)
    expect(reports.at(-1)).toEqual({ crystals: 1000, bytes: text.length, totalBytes: text.length })
    for await (const crystal of readDataset(path)) if (crystal.id === 'c3') break
    rmSync(path)
  })
})

describe('writeDataset', () => {
  it.each(['set.jsonl', 'set.jsonl.gz'])('writes %s so that it reads back the same', async (name) => {
    const crystals = await loadDataset(
      file(
        'source.jsonl',
        [
          line('a', { split: 'val' }),
          line('b', {
            numbers: undefined,
            species: [[{ element: 26, occupancy: 0.3 }]],
            targets: { y: 1 / 3 },
          }),
        ].join('\n'),
      ),
    )
    const path = join(folder, name)
    expect(await writeDataset(path, crystals)).toBe(2)
    expect(await loadDataset(path)).toEqual(crystals)
    const [first, second] = readFileSync(path)
    expect(first === 0x1f && second === 0x8b).toBe(name.endsWith('.gz'))
  })

  it.each(['kept.jsonl', 'kept.jsonl.gz'])(
    'leaves the old %s and nothing else when the source fails',
    async (name) => {
      const path = file(name, line('old'))
      const before = readdirSync(folder)
      async function* failing(): AsyncGenerator<LabelledCrystal> {
        yield* await loadDataset(path)
        throw new Error('source failed')
      }
      await expect(writeDataset(path, failing())).rejects.toThrow('source failed')
      expect(readdirSync(folder)).toEqual(before)
      expect(await ids(path)).toEqual(['old'])
    },
  )

  it.each(['full.jsonl', 'full.jsonl.gz'])('says in one error that a disk is full: %s', async (name) => {
    const path = join(folder, name)
    if (spawnSync('mknod', [path, 'c', '1', '7']).status !== 0) return // mknod makes no device here
    const crystals = generateIonicDataset({ count: 200, seed: 1 })
    await expect(writeDataset(path, crystals)).rejects.toThrow(
      new OutputError(`${path}: cannot be written: no space is left on the device`),
    )
    expect(statSync(path).isCharacterDevice()).toBe(true)
  })
})

const JARVIS = 'data/jarvis_exfoliation.jsonl.gz'
describe.skipIf(!shared(JARVIS))(`published data: ${needs(JARVIS)}`, () => {
  it('streams with the counts, targets and statistics of its page', async () => {
    const statistics = await datasetStatistics(readDataset(shared(JARVIS) as string))
    expect(statistics.count).toBe(812)
    expect(statistics.splits).toEqual({ train: 650, val: 81, test: 81, none: 0 })
    expect(statistics.sites).toEqual({ min: 2, median: 7, max: 44 })
    expect(statistics.elements).toHaveLength(78)
    expect(statistics.elements.slice(0, 3).map((e) => e.element)).toEqual([8, 16, 17])
    const [target] = statistics.targets
    expect(target).toMatchObject({ name: 'exfoliation_energy', count: 812, min: 0.03, max: 948.93 })
    expect(target.mean).toBeCloseTo(111.0665, 4)
    expect(target.std).toBeCloseTo(111.6668, 4)
    expect(target.mad).toBeCloseTo(62.6626, 4)
  })
})
