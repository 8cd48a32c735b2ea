// Data sets that are kept on a disk: the same crystals, splits and hash as in memory, whatever happened to file and index.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { type Crystals, each } from '../../src/data/crystals.ts'
import { loadDataset, writeDataset } from '../../src/data/dataset.ts'
import { type LabelledCrystal, labelledCrystal } from '../../src/data/labelled.ts'
import { openDataset } from '../../src/data/open-dataset.ts'
import { splitDataset } from '../../src/data/split.ts'
import { DatasetError } from '../../src/errors.ts'
import { temporaryFolder } from '../cli/run.ts'
import { labelled } from '../training/crystals.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let n = 0
function place(): string {
  const path = join(folder, String(n++))
  mkdirSync(path)
  return path
}

const onDisk = { target: ['energy', 'gap'], sitesInMemory: 0 }

/** Ordered, disordered, with a vacancy, without an id in ASCII, with a target missing, with numbers of 17 digits. */
const odd: readonly LabelledCrystal[] = [
  labelledCrystal({
    id: 'Ä ∞',
    split: 'train',
    structure: structure({
      lattice: [
        [0.1 + 0.2, 4, 0],
        [4, 0, 1 / 3],
        [0, 0, 5.000000000000001],
      ],
      frac: [
        [-0, 1 / 7, 0.9],
        [0.5, 0.5, 1.5],
      ],
      species: [
        [
          { element: 26, occupancy: 1 / 3 },
          { element: 118, occupancy: 2 / 3 },
        ],
        [{ element: 8, occupancy: 0.25 }],
      ],
    }),
    targets: [['gap', -0]],
  }),
  ...labelled(9),
]

async function written(crystals: readonly LabelledCrystal[], at = place()): Promise<string> {
  const path = join(at, 'data.jsonl')
  await writeDataset(path, crystals)
  return path
}

const indexes = (at: string) => readdirSync(join(at, '.crystal-onnx')).sort()
const plain = (crystals: Crystals) => [...each(crystals)]

describe('a data set on a disk', () => {
  it('has every crystal with every digit, its split and targets, and the hash of those in memory', async () => {
    const path = await written(odd)
    const stored = await openDataset(path, onDisk)
    const memory = await openDataset(await written(odd), { target: onDisk.target })
    expect(stored.placeOf).toBeDefined()
    expect(memory.placeOf).toBeUndefined()
    const crystals = await loadDataset(path)
    expect(plain(stored)).toEqual(crystals)
    expect(plain(memory)).toEqual(crystals)
    expect(Object.is(stored.at(0).structure.frac[0][0], -0)).toBe(
      Object.is(crystals[0].structure.frac[0][0], -0),
    )
    expect(stored.sha256()).toBe(memory.sha256())
    expect([...stored.sites]).toEqual(crystals.map(({ structure }) => structure.frac.length))
    expect(stored.valuesOf('energy')).toEqual(
      Float64Array.from(crystals, ({ targets }) => targets.energy ?? Number.NaN),
    )
    expect(stored.splits()).toEqual(memory.splits())
  })

  it('is split by its ids where it names no split, as in memory', async () => {
    const path = await written(labelled(60).map(({ split: _, ...rest }) => rest))
    const stored = await openDataset(path, onDisk)
    const { test, val } = splitDataset(await loadDataset(path))
    const ids = (numbers: Int32Array) => [...numbers].map((number) => stored.at(number).id)
    expect(ids(stored.splits().test)).toEqual(test.map(({ id }) => id))
    expect(ids(stored.splits().val)).toEqual(val.map(({ id }) => id))
  })

  it('says why it cannot be split, once it is split', async () => {
    const [first, ...others] = labelled(8)
    const half = await openDataset(await written([{ ...first, split: undefined }, ...others]), onDisk)
    expect(() => half.splits()).toThrow('7 of 8 crystals name a split')
    const none = await openDataset(
      await written(labelled(8).filter(({ split }) => split !== 'train')),
      onDisk,
    )
    expect(() => none.splits()).toThrow(DatasetError)
  })

  it('is found again, and made anew when one byte of the file is another', async () => {
    const at = place()
    const path = await written(labelled(12), at)
    await openDataset(path, onDisk)
    const [index] = indexes(at)
    const made = statSync(join(at, '.crystal-onnx', index)).mtimeMs
    // A copy, or a clock, is no other file.
    utimesSync(path, 1, 1)
    await openDataset(path, onDisk)
    expect(statSync(join(at, '.crystal-onnx', index)).mtimeMs).toBe(made)
    const text = readFileSync(path, 'utf8')
    const { mtime, atime } = statSync(path)
    writeFileSync(path, text.replace('"energy":-2', '"energy":-7'))
    utimesSync(path, atime, mtime)
    const changed = await openDataset(path, onDisk)
    expect(changed.at(0).targets.energy).toBeLessThan(-6)
    expect(plain(changed)).toEqual(await loadDataset(path))
  })

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
    ['emptied', () => Buffer.alloc(0)],
    [
      'changed in one bit',
      (bytes: Buffer) => {
        const copy = Buffer.from(bytes)
        copy[Math.floor(copy.length / 2)] ^= 1
        return copy
      },
    ],
    ['replaced by text', () => Buffer.from('crystal-onnx columns 1\n{"source": 1}\n')],
  ])('is made anew where a part of its index is %s', async (_, damaged) => {
    const at = place()
    const path = await written(labelled(12), at)
    const before = plain(await openDataset(path, onDisk))
    for (const file of indexes(at)) {
      const part = join(at, '.crystal-onnx', file)
      writeFileSync(part, damaged(readFileSync(part)))
      const again = await openDataset(path, onDisk)
      expect(plain(again)).toEqual(before)
    }
    rmSync(join(at, '.crystal-onnx', indexes(at).find((file) => file.endsWith('.records'))!))
    expect(plain(await openDataset(path, onDisk))).toEqual(before)
  })

  it('stays readable where its index goes while it is open', async () => {
    const at = place()
    const path = await written(labelled(12), at)
    const stored = await openDataset(path, onDisk)
    rmSync(join(at, '.crystal-onnx'), { recursive: true })
    expect(plain(stored)).toEqual(await loadDataset(path))
  })

  it('is one of several files and folders, in their order; an id twice is refused', async () => {
    const at = place()
    const parts = await Promise.all(
      [0, 1, 2].map(async (part) => {
        const path = join(at, `part-${part}.jsonl.gz`)
        await writeDataset(path, labelled(12).slice(4 * part, 4 * part + 4))
        return path
      }),
    )
    const several = await openDataset(parts, onDisk)
    expect(plain(several).map(({ id }) => id)).toEqual(labelled(12).map(({ id }) => id))
    expect(several.sha256()).toBe((await openDataset(await written(labelled(12)), onDisk)).sha256())
    await expect(openDataset([parts[0], parts[0]], onDisk)).rejects.toThrow(
      `2 files, ${parts[0]}, line 1: id "c0" stands on ${parts[0]}, line 1 already`,
    )
    await expect(openDataset([parts[1], parts[2], parts[1]], onDisk)).rejects.toThrow(
      `3 files, ${parts[1]}, line 1: id "c4" stands on ${parts[1]}, line 1 already`,
    )
    const [first] = indexes(at)
    expect(first).toMatch(/^part-0\.jsonl\.gz-[0-9a-f]{16}\.index$/)
  })

  it('leaves nothing of a file that turns out to be damaged', async () => {
    const at = place()
    const path = await written(labelled(8), at)
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"id": "bad"\n`)
    await expect(openDataset(path, onDisk)).rejects.toThrow(/line 9: not JSON/)
    expect(indexes(at)).toEqual([])
  })

  it('remembers what was found out about it, until it is another', async () => {
    const at = place()
    const path = await written(labelled(12), at)
    const find = vi.fn(async () => ({ twelve: 12 }))
    const first = await openDataset(path, onDisk)
    expect(await first.remembered('a number', find)).toEqual({ twelve: 12 })
    expect(await first.remembered('another', find)).toEqual({ twelve: 12 })
    expect(await (await openDataset(path, onDisk)).remembered('a number', find)).toEqual({ twelve: 12 })
    expect(find).toHaveBeenCalledTimes(2)
    for (const file of indexes(at).filter((file) => file.endsWith('.json'))) {
      const part = join(at, '.crystal-onnx', file)
      writeFileSync(part, readFileSync(part, 'utf8').replace('12', '13'))
    }
    expect(await first.remembered('a number', find)).toEqual({ twelve: 12 })
    expect(find).toHaveBeenCalledTimes(3)
    await written(labelled(13), at)
    await (await openDataset(path, onDisk)).remembered('a number', find)
    expect(find).toHaveBeenCalledTimes(4)
  })

  it('has its index in the cache of the user where nothing can be written beside it', async ({ skip }) => {
    const at = place()
    const cache = place()
    const path = await written(labelled(12))
    const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', at])
    if (mounted.status !== 0) return skip('nothing can be mounted here')
    try {
      const inside = await written(labelled(12), at)
      expect(spawnSync('mount', ['-o', 'remount,ro', at]).status).toBe(0)
      vi.stubEnv('XDG_CACHE_HOME', cache)
      const stored = await openDataset(inside, onDisk)
      expect(plain(stored)).toEqual(await loadDataset(path))
      expect(readdirSync(at)).toEqual(['data.jsonl'])
      expect(readdirSync(join(cache, 'crystal-onnx', 'data'))).toHaveLength(2)
      // Where that is not possible either, it is of this process alone.
      vi.stubEnv('XDG_CACHE_HOME', join(inside, 'no-folder'))
      expect(plain(await openDataset(inside, onDisk))).toEqual(await loadDataset(path))
    } finally {
      vi.unstubAllEnvs()
      spawnSync('umount', ['-l', at])
    }
  })
})
