// A few hundred of the crystals of `npm run reliability -- --only stream`.

import { expect, it } from 'vitest'
import { streamCrystals } from '../../../bench/reliability/stream.ts'
import { CLI } from '../../cli/run.ts'
import { onDisk } from '../../runtimes/models.ts'

it('crystals go through standard input in their order', async () => {
  const { crystals, faults } = await streamCrystals({ cli: CLI, count: 300, model: onDisk() })
  expect([crystals, faults]).toEqual([300, []])
}, 60_000)
