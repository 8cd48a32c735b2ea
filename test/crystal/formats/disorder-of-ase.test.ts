// Disorder in files of ASE and in columns of extended XYZ. `disordered.*` is what ASE 3.29 wrote of a CIF in which sites of
// rock salt are 0.4 Ni + 0.6 Co; it keeps an atom of Co on each.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formula } from '../../../src/crystal/formula.ts'
import { readEntries } from '../../../src/crystal/read.ts'

const bytesOf = (name: string) => readFileSync(new URL(`../../fixtures/formats/${name}`, import.meta.url))

/** The formula and the warnings, or the error. */
function found(input: string | Uint8Array, file: string): (string | undefined)[] {
  return [...readEntries(input, { file })].flatMap((entry) =>
    'error' in entry ? [entry.error.message] : [formula(entry.structure), ...entry.warnings],
  )
}

describe('shares by kind of site', () => {
  it.each(['extxyz', 'traj', 'json'])('disordered.%s', (ending) => {
    const name = `disordered.${ending}`
    const [entry] = [...readEntries(bytesOf(name), { file: name })]
    if ('error' in entry) throw entry.error
    const mixed = [
      { element: 28, occupancy: 0.4 },
      { element: 27, occupancy: 0.6 },
    ]
    const oxygen = [{ element: 8, occupancy: 1 }]
    expect(entry.structure.species).toEqual([...Array(4).fill(mixed), ...Array(4).fill(oxygen)])
    expect(entry.warnings).toEqual([])
  })

  const text = bytesOf('disordered.extxyz').toString()
  const header = (shares: string) =>
    text.replace(/occupancy="(?:[^"\\]|\\.)*"/, `occupancy="_JSON ${shares.replaceAll('"', '\\"')}"`)

  it.each([
    [
      'an atom of the smaller share: somebody ordered the sites',
      text.replace(/^Co/m, 'Ni'),
      ['Co3 Ni1 O4', /do not fit the elements/],
    ],
    ['a kind that is not there', text.replaceAll(' 2\n', ' 7\n'), ['Co4 O4', /do not fit the elements/]],
    ['no shares', text.replace(/occupancy="(?:[^"\\]|\\.)*"/, ''), ['Co4 O4']],
    ['shares that are whole', header('{"0":{"Co":1},"2":{"O":1,"N":0}}'), ['Co4 O4']],
    ['vacancies', header('{"0":{"Co":0.75},"2":{"O":1}}'), ['Co3 O4']],
    ['no JSON', text.replace('_JSON {', '_JSON {{'), ['Co4 O4']],
    [
      'no element',
      header('{"0":{"Xx":1},"2":{"O":1}}'),
      [/occupancy of kind 0: \{"Xx":1\}, expected an element and its share/],
    ],
    ['no share', header('{"0":{"Co":"half"},"2":{"O":1}}'), [/\{"Co":"half"\}, expected/]],
    ['too much', header('{"0":{"Co":0.9,"Ni":0.8},"2":{"O":1}}'), [/add up to 1\.700/]],
    [
      'a little too much',
      header('{"0":{"Co":0.6,"Ni":0.41},"2":{"O":1}}'),
      ['Co2.37624 Ni1.62376 O4', ...Array(4).fill(/scaled to 1/)],
    ],
  ])('%s', (_, edited, expected) => {
    const list = found(edited, 'x.xyz')
    expect(list).toHaveLength(expected.length)
    for (const [n, line] of expected.entries()) {
      if (typeof line === 'string') expect(list[n]).toBe(line)
      else expect(list[n]).toMatch(line)
    }
  })

  it('of a file that does not say which sites are which, elements tell, or it is refused', () => {
    const json = JSON.parse(bytesOf('disordered.json').toString())
    delete json.spacegroup_kinds
    expect(found(JSON.stringify(json), 'x.json')).toEqual(['Co2.4 Ni1.6 O4'])
    json.info.occupancy[1] = { Co: 0.9, Ni: 0.1 }
    expect(found(JSON.stringify(json), 'x.json')).toEqual([
      expect.stringMatching(/site 1: sites of Co have several occupancies, .* write it as extended XYZ/),
    ])
  })
})

describe('a column of shares', () => {
  const file = (rows: readonly string[], column = 'occupancy:R:1') =>
    `${rows.length}\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:${column}\n${rows.join('\n')}\n`

  it.each([
    ['whole', ['Na 0 0 0 1', 'Cl 2 2 2 1.0'], ['Na1 Cl1']],
    ['of atoms at one place', ['Na 0 0 0 0.6', 'K 0 0 0 .4', 'Cl 2 2 2 1'], ['K0.4 Na0.6 Cl1']],
    ['with vacancies', ['Na 0 0 0 0.5', 'Cl 2 2 2 1'], ['Na0.5 Cl1']],
    ['above one', ['Na 0 0 0 1.3', 'Cl 2 2 2 1'], [/line 3: occupancies that add up to 1\.300/]],
    ['below nothing', ['Na 0 0 0 -1', 'Cl 2 2 2 1'], [/line 3: occupancy -1, expected a number from 0/]],
    [
      'of nothing',
      ['Na 0 0 0 1', 'Cl 2 2 2 1', 'K 1 1 1 0'],
      ['Na1 Cl1', /occupancy 0, left out: 1 of 3 atoms/],
    ],
    [
      'that are no number',
      ['Na 0 0 0 ?', 'Cl 2 2 2 1'],
      [/expected a number in column 5, found "Na 0 0 0 \?"/],
    ],
  ])('%s', (_, rows, expected) => {
    const list = found(file(rows), 'x.xyz')
    expect(list).toHaveLength(expected.length)
    for (const [n, line] of expected.entries()) {
      if (typeof line === 'string') expect(list[n]).toBe(line)
      else expect(list[n]).toMatch(line)
    }
  })

  it('before the positions, under another name', () => {
    const text = `1\nLattice="4 0 0 0 4 0 0 0 4" Properties=occ:R:1:species:S:1:pos:R:3\n0.25 Na 0 0 0\n`
    expect(found(text, 'x.xyz')).toEqual(['Na0.25'])
  })
})
