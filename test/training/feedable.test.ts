// Crystals that a network cannot be fed with, in any split, stop a training before its first step.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, expect, it } from 'vitest'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { type LabelledCrystal, labelledCrystal, type Split } from '../../src/data/labelled.ts'
import { DatasetError } from '../../src/errors.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { train } from '../../src/training/run.ts'
import { standingOf } from '../../src/training/standing.ts'
import { labelled } from './crystals.ts'
import { tinyRun } from './tiny.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-feedable-`)
})

const crystals = labelled(16)
const withOne = (id: string, split: Split, made: Structure): LabelledCrystal =>
  labelledCrystal({ id, split, structure: made, targets: [['energy', -2]] })
const fermium = structure({ ...crystals[0].structure, species: [100] })
/** A needle: millions of images within any radius. */
const needle = structure({
  lattice: [
    [5000, 0, 0],
    [0, 1, 0],
    [0, 4999, 0.001],
  ],
  frac: [[0, 0, 0]],
  species: [26],
})

it.each([
  ['fm', 'test', fermium, /test crystal "fm" holds atomic number 100; the network knows 1 to 98/],
  ['thin', 'val', needle, /val crystal "thin": .*/],
  ['thin', 'test', needle, /test crystal "thin": .*/],
] as const)('names crystal %s of %s and the reason', async (id, split, made, message) => {
  const events: TrainingEvent[] = []
  const run = tinyRun(`${root}/${id}-${split}`, [...crystals, withOne(id, split, made)], {
    onEvent: (event) => void events.push(event),
  })
  await expect(train(run)).rejects.toThrow(message)
  await expect(train(run)).rejects.toBeInstanceOf(DatasetError)
  expect(events).toEqual([])
  expect(await standingOf(run.runFolder)).toBe('new')
})

it('names a few of many, and counts the rest', async () => {
  const bad = Array.from({ length: 7 }, (_, n) => withOne(`fm${n}`, 'test', fermium))
  await expect(train(tinyRun(`${root}/many`, [...crystals, ...bad]))).rejects.toThrow(
    /cannot take 7 of the crystals; leave them out of the data: .*"fm4" .*; and 2 more$/,
  )
})
