// Groups of the periodic table and chemical systems.

import { describe, expect, it } from 'vitest'
import { parseSystem } from '../../src/crystal/chemical-system.ts'
import { atomicNumber } from '../../src/crystal/elements.ts'
import { groupOf } from '../../src/crystal/periodic-table.ts'

it('groups are those of any chart of the elements, with f elements in group 3', () => {
  const groups = {
    H: 1,
    He: 18,
    Na: 1,
    Mg: 2,
    Sc: 3,
    La: 3,
    Gd: 3,
    Yb: 3,
    Lu: 3,
    U: 3,
    Hf: 4,
    Cu: 11,
    Zn: 12,
  }
  const others = { B: 13, Si: 14, N: 15, O: 16, F: 17, Xe: 18, Og: 18 }
  for (const [symbol, group] of Object.entries({ ...groups, ...others })) {
    expect([symbol, groupOf(atomicNumber(symbol)!)]).toEqual([symbol, group])
  }
})

describe('parseSystem', () => {
  it('takes elements in any order, and nothing else', () => {
    expect(parseSystem('Ti-Sr-O')).toBe('O-Sr-Ti')
    expect(parseSystem('Na')).toBe('Na')
    for (const wrong of ['', 'NaCl', 'na-cl', 'Na-Xx', 'Na-', 'id,e_form']) {
      expect([wrong, parseSystem(wrong)]).toEqual([wrong, undefined])
    }
  })
})
