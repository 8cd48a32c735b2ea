import { describe, expect, it } from 'vitest'
import type { Cell, Column } from '../../src/screen/columns.ts'
import { parseFilter } from '../../src/screen/filter.ts'

const column = (name: string, type: Column['type']): Column => ({ name, type, meaning: '', of: () => null })
const COLUMNS = [
  column('value', 'double'),
  column('n_sites', 'integer'),
  column('formula', 'string'),
  column('domain', 'boolean'),
  column('lattice', 'vectors'),
]

function keeps(filter: string, cells: Record<string, Cell>): boolean {
  return parseFilter(filter, COLUMNS)(({ name }) => cells[name] ?? null)
}

describe('filters', () => {
  const row = { value: 0.04, n_sites: 8, formula: 'Na4 Cl4', domain: true }
  it.each([
    ['value < 0.05', true],
    ['value<0.05&&domain', true],
    ['value >= 0.04 && value <= 0.04', true],
    ['value > -1e-3', true],
    ['value < .05', true],
    ['!domain', false],
    ['!(value < 0.05) || domain == true', true],
    ['domain != true', false],
    ['formula == "Na4 Cl4"', true],
    ["formula != 'Na4 Cl4'", false],
    ['n_sites == 8', true],
    // && binds before ||, and ! before both.
    ['domain || value > 1 && value > 2', true],
    ['(domain || value > 1) && value > 2', false],
    ['!domain || domain', true],
  ])('%s', (filter, expected) => expect(keeps(filter, row)).toBe(expected))

  it('what is not known compares with nothing', () => {
    for (const filter of ['value < 1', 'value > 1', 'value != 1', 'domain', 'domain == false']) {
      expect(keeps(filter, {}), filter).toBe(false)
    }
    expect(keeps('!domain', {})).toBe(true)
  })

  it.each([
    ['', /character 1 \(the end\): expected the name of a column/],
    [
      'energy < 1',
      /character 1 \("energy"\): there is no column "energy"; columns are value, n_sites, formula, domain$/,
    ],
    ['value < 0.05 & domain', /character 14 \("&"\): not understood/],
    ['value <', /the end\): column value is compared with a number/],
    ['value', /expected one of < <= > >= == != after column value/],
    ['value < "a"', /character 9 .*compared with a number/],
    ['formula < 3', /compared with a text/],
    ['domain == 1', /compared with true or false/],
    ['lattice == 1', /column lattice is a list/],
    ['(value < 1', /the end\): expected \)/],
    ['value < 1 domain', /character 11 \("domain"\): expected && or \|\|/],
    ['value < 1; process.exit()', /character 10 \(";"\): not understood/],
    [`${'('.repeat(200)}domain${')'.repeat(200)}`, /nested deeper than 100/],
    [`${'!'.repeat(100_000)}domain`, /nested deeper than 100/],
    ['__proto__ == 1', /there is no column "__proto__"/],
    ['constructor', /there is no column "constructor"/],
  ])('%s is refused', (filter, message) => {
    expect(() => parseFilter(filter, COLUMNS)).toThrow(message)
  })
})
