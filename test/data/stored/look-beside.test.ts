// A look from another thread says what a look at the same crystals in memory says.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { lookAtData } from '../../../src/data/check/look.ts'
import { writeDataset } from '../../../src/data/dataset.ts'
import { openDataset } from '../../../src/data/open-dataset.ts'
import { lookBeside } from '../../../src/data/stored/look-beside.ts'
import { temporaryFolder } from '../../cli/run.ts'
import { labelled } from '../../training/crystals.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('finds the same problems', async () => {
  const crystals = labelled(24)
  // It is in train, too; and the strains of some come again.
  const leak = { ...crystals[0], id: 'leak', split: 'test' } as const
  const path = join(folder, 'data.jsonl')
  await writeDataset(path, [...crystals, leak])
  const [memory, stored] = [
    await openDataset(path, { target: 'energy' }),
    await openDataset(path, { target: 'energy', sitesInMemory: 0 }),
  ]
  const options = { targets: ['energy'], every: 1 }
  const expected = await lookAtData(memory, options)
  expect(expected.description).toMatch(/^25 crystals/)
  expect(expected.problems.join()).toMatch(/2 test and 1 val crystals cannot be told apart/)
  expect(await lookBeside({ place: stored.index!, options })).toEqual(expected)
  writeFileSync(stored.index!.path, '')
  expect(await lookBeside({ place: stored.index!, options })).toBeUndefined()
})
