// What a card may say of where a model comes from.

import { describe, expect, it } from 'vitest'
import { provenanceFault } from '../../runtimes/card-provenance.ts'

describe('provenance', () => {
  it('may say nothing, or all', () => {
    expect(provenanceFault({})).toBeUndefined()
    const origin = { name: 'a set', licence: 'CC BY 4.0', source: 'https://example.org' }
    expect(
      provenanceFault({
        licence: 'MIT',
        data: [origin],
        teachers: [{ name: 'a program' }],
        notes: ['of use'],
      }),
    ).toBeUndefined()
  })

  it.each([
    [{ license: 'MIT' }, /license/],
    [{ data: [{ licence: 'MIT' }] }, /data/],
    [{ notes: 'a sentence' }, /notes/],
    [{ notes: [''] }, /notes/],
    [{ notes: ['x'.repeat(1001)] }, /notes/],
    [{ teachers: Array.from({ length: 33 }, () => ({ name: 'one' })) }, /teachers/],
    [[], /expected object/],
  ])('%j is refused', (given, why) => {
    expect(provenanceFault(given)).toMatch(why)
  })
})
