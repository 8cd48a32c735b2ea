// Trainings on data sets that are kept on a disk give the very weights of those in memory, whether crystals are kept
// prepared or prepared anew by a thread, whether the index was there, and after an interruption.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configure } from '../../models/registry.ts'
import { structure } from '../../src/crystal/structure.ts'
import { chosenOf, inMemory } from '../../src/data/crystals.ts'
import { writeDataset } from '../../src/data/dataset.ts'
import { labelledCrystal } from '../../src/data/labelled.ts'
import { openDataset } from '../../src/data/open-dataset.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { startAhead } from '../../src/training/ahead/ahead.ts'
import { sampleOf } from '../../src/training/domain-sample.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { inFolds } from '../../src/training/folds.ts'
import { train } from '../../src/training/run.ts'
import { supplyOf } from '../../src/training/supply.ts'
import { temporaryFolder } from '../cli/run.ts'
import { labelled } from './crystals.ts'
import { stopAfter, TINY, tinyRun } from './tiny.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Enough held-out crystals for a domain. */
const crystals = labelled(180)
const file = join(folder, 'data.jsonl.gz')
beforeAll(() => writeDataset(file, crystals))

const onDisk = { target: 'energy', sitesInMemory: 0 }
const results = ['weights.safetensors', 'domain.json', 'evaluation.json', 'config.json'] as const
const bytesOf = (run: string) => results.map((name) => readFileSync(join(run, name)))
const index = () => rmSync(join(folder, '.crystal-onnx'), { recursive: true, force: true })

it('end with the same bytes as in memory, with a cold and a warm index, and resumed with either', async () => {
  const memory = tinyRun(join(folder, 'memory'), crystals, {
    options: { ...options, leave_out_chemistry: 0.2 },
  })
  await train(memory)
  for (const [name, forget] of [
    ['cold', index],
    ['warm', () => {}],
  ] as const) {
    forget()
    const run = { ...memory, runFolder: join(folder, name) }
    const data = async () => ({ name: 'made up', crystals: await openDataset(file, onDisk) })
    await expect(train({ ...run, data: await data(), ...stopAfter(1) })).rejects.toThrow(/abort/i)
    forget()
    await train({ ...run, data: await data(), resume: true })
    expect(bytesOf(run.runFolder)).toEqual(bytesOf(memory.runFolder))
  }
}, 60_000)

const { options } = tinyRun('', [])

it('are dealt into the same folds', async () => {
  const { runFolder, ...run } = tinyRun('', crystals, { options: { ...options, epochs: 1, swa_epochs: 0 } })
  const [a, b] = [join(folder, 'folds-memory'), join(folder, 'folds-disk')]
  await trainEnsemble({ ...run, runFolder: a }, 2, 2)
  const data = { name: 'made up', crystals: await openDataset(file, onDisk) }
  await trainEnsemble({ ...run, data, runFolder: b }, 2, 2)
  for (const n of [0, 1]) expect(bytesOf(`${b}/member-${n}`)).toEqual(bytesOf(`${a}/member-${n}`))
  const folds = inFolds(inMemory(crystals), 2, 1)
  expect(folds.splits().test.length).toBe(crystals.filter(({ split }) => split === 'test').length)
}, 60_000)

it('refuse to go on with data of which one number is another', async () => {
  const run = tinyRun(join(folder, 'changed'), crystals)
  const at = join(folder, 'changed.jsonl')
  await writeDataset(at, crystals)
  const data = async () => ({ name: 'made up', crystals: await openDataset(at, onDisk) })
  await expect(train({ ...run, data: await data(), ...stopAfter(1) })).rejects.toThrow(/abort/i)
  await writeDataset(at, [...crystals.slice(1), { ...crystals[0], targets: { energy: -9 } }])
  await expect(train({ ...run, data: await data(), resume: true })).rejects.toThrow('its sha256 differs')
})

it('are told of a crystal that no network takes each time, not the first time alone', async () => {
  const at = join(folder, 'fermium.jsonl')
  const fermium = structure({ ...crystals[0].structure, species: [100] })
  const wrong = labelledCrystal({ id: 'fm', split: 'test', structure: fermium, targets: [['energy', -2]] })
  await writeDataset(at, [...crystals, wrong])
  for (const attempt of ['first', 'second']) {
    const data = { name: 'made up', crystals: await openDataset(at, onDisk) }
    await expect(train({ ...tinyRun(join(folder, attempt), []), data })).rejects.toThrow(
      /test crystal "fm" holds atomic number 100/,
    )
  }
})

it.each([0, 20_000, 2 ** 30])('are supplied with the same tables from %i bytes', async (bytes) => {
  const config = configure({ ...TINY, num_targets: 1 })
  const feed = feedFor({ heap: undefined }, config, { images: { kind: 'sphere', radius: 4.5 } })
  const stored = await openDataset(file, onDisk)
  const supply = supplyOf(stored, feed, async (preparation) => startAhead(preparation), bytes)
  const groups = [[3, 1, 4], [1, 5, 9, 2, 6], [], [5], Array.from({ length: 170 }, (_, n) => n), [3, 5]]
  try {
    for (const _ of ['once', 'again']) {
      let at = 0
      for await (const batch of supply.batches(groups, true)) {
        expect(batch).toEqual(groups[at++].map((n) => feed.prepare(crystals[n].structure)))
      }
      expect(at).toBe(groups.length)
    }
    // Whoever leaves in the middle gets the right ones the next time.
    for await (const _ of supply.batches(groups, true)) break
    for await (const [first] of supply.batches([[7]], true)) {
      expect(first).toEqual(feed.prepare(crystals[7].structure))
    }
  } finally {
    await supply.close()
  }
})

it('have a domain of so many crystals at most, with every pair of elements among them', () => {
  const all = chosenOf(inMemory(crystals), Int32Array.from(crystals.keys()))
  const set = { length: all.length, labelled: all.at, isOnDisk: true }
  expect([...sampleOf(set, 180)]).toEqual([...crystals.keys()])
  expect(sampleOf({ ...set, isOnDisk: false }, 40)).toHaveLength(180)
  const some = sampleOf(set, 40)
  expect(new Set(some).size).toBe(40)
  expect([...some]).toEqual([...some].sort((a, b) => a - b))
  expect(sampleOf(set, 40)).toEqual(some)
  const formulas = new Set([...some].map((n) => n % 3))
  expect(formulas.size).toBe(3)
})
