// The folder of real structure files, where it is present: what `npm run corpus` checks, as a test.

import { describe, expect, test } from 'vitest'
import { checkCorpus, passes, summarise } from '../../bench/corpus.ts'
import { needs, shared } from '../shared.ts'

describe.skipIf(!shared('corpus'))(needs('corpus'), () => {
  const checks = shared('corpus') ? checkCorpus(shared('corpus')!) : []

  test('every file on which other parsers agree is right in sites, volume and composition', () => {
    expect(checks.length).toBeGreaterThan(500)
    expect(checks.filter((c) => c.agreed && c.problem !== '')).toEqual([])
    expect(summarise(checks).at(-1)!.share).toBe(1)
  })

  test('every made-up file is read, refused or warned about as expected', () => {
    expect(checks.filter((c) => c.synthetic && c.problem !== '')).toEqual([])
    expect(passes(checks)).toBe(true)
  })
})

test('a share below the required one does not pass, nor a made-up file that is wrong', () => {
  const check = { path: 'x', format: 'cif', agreed: true, synthetic: false, problem: '', warnings: [] }
  const right = Array.from({ length: 49 }, () => check)
  expect(passes([...right, { ...check, problem: 'no' }])).toBe(true)
  expect(passes([...right.slice(1), { ...check, problem: 'no' }])).toBe(false)
  expect(passes([...right, { ...check, agreed: false, synthetic: true, problem: 'no' }])).toBe(false)
})
