// A few thousand of the inputs of `npm run reliability -- --only readers`.

import { expect, it } from 'vitest'
import { tryReaders } from '../../../bench/reliability/readers.ts'

it('damaged structure files give structures or typed errors', async () => {
  const { faults, structures, errors } = await tryReaders({ count: 3000, seed: 5 })
  expect(faults).toEqual([])
  expect(structures).toBeGreaterThan(300)
  expect(errors).toBeGreaterThan(300)
}, 60_000)
