import { describe, expect, it } from 'vitest'
import { formatLabelledCrystal, parseLabelledCrystal } from '../../src/data/labelled.ts'
import { DatasetError, StructureError } from '../../src/errors.ts'

const NACL = {
  id: 'NaCl',
  lattice: [
    [0, 2.82, 2.82],
    [2.82, 0, 2.82],
    [2.82, 2.82, 0],
  ],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
  numbers: [11, 17],
  split: 'train',
  targets: { e_form: -2.1, gap: 5 },
}
const line = (changes: object) => JSON.stringify({ ...NACL, ...changes })

describe('a line of a data file', () => {
  it('is read to a structure, a split and targets', () => {
    const crystal = parseLabelledCrystal(line({ structure_from: 'somewhere' }))
    expect(crystal.id).toBe('NaCl')
    expect(crystal.structure.lattice).toEqual(NACL.lattice)
    expect(crystal.structure.frac).toEqual(NACL.frac)
    expect(crystal.structure.species.map(([o]) => o.element)).toEqual([11, 17])
    expect(crystal.split).toBe('train')
    expect({ ...crystal.targets }).toEqual({ e_form: -2.1, gap: 5 })
  })

  it('may lack split and targets; a null target is a missing one', () => {
    const crystal = parseLabelledCrystal(line({ split: undefined, targets: undefined }))
    expect('split' in crystal).toBe(false)
    expect(Object.keys(crystal.targets)).toEqual([])
    expect(Object.keys(parseLabelledCrystal(line({ targets: { a: null, b: 1 } })).targets)).toEqual(['b'])
  })

  it('keeps who labelled it and why it has no label, and ignores what others call a source', () => {
    const source = { e_form: 'CHGNet 0.3.0' }
    const text = line({ source, error: 'no potential' })
    expect(parseLabelledCrystal(text)).toMatchObject({ source, error: 'no potential' })
    expect(JSON.parse(formatLabelledCrystal(parseLabelledCrystal(text)))).toEqual(JSON.parse(text))
    for (const other of ['JARVIS', 7, { year: 2018 }, null]) {
      expect('source' in parseLabelledCrystal(line({ source: other }))).toBe(false)
    }
  })

  it('holds disordered sites as species', () => {
    const species = [
      [
        { element: 11, occupancy: 0.75 },
        { element: 19, occupancy: 0.25 },
      ],
      [{ element: 17, occupancy: 1 }],
    ]
    const crystal = parseLabelledCrystal(line({ numbers: undefined, species }))
    expect(crystal.structure.species).toEqual(species)
    expect(JSON.parse(formatLabelledCrystal(crystal)).species).toEqual(species)
  })

  it('comes back from formatting with every digit', () => {
    const text = line({
      lattice: [
        [0.1 + 0.2, 1 / 3, 0],
        [0, Math.PI, 0],
        [0, 0, 1e-3 + 5],
      ],
      targets: { y: -1 / 7 },
    })
    expect(formatLabelledCrystal(parseLabelledCrystal(text))).toBe(text)
  })

  it('takes any target name as a plain key', () => {
    const text = line({}).replace('"e_form"', '"__proto__"').replace('"gap"', '"constructor"')
    const { targets } = parseLabelledCrystal(text)
    expect(Object.getPrototypeOf(targets)).toBeNull()
    expect(Object.entries(targets)).toEqual([
      ['__proto__', -2.1],
      ['constructor', 5],
    ])
    expect(targets.toString).toBeUndefined()
    expect(formatLabelledCrystal(parseLabelledCrystal(text))).toBe(text)
  })

  it('does not take fields from a __proto__ key', () => {
    const text = `{"id":"x","__proto__":${line({})}}`
    expect(() => parseLabelledCrystal(text)).toThrow('"lattice" is missing')
  })

  const bad: [what: string, text: string, message: string | RegExp][] = [
    ['no JSON', '{"id": ', /not JSON .* expected one crystal a line/],
    ['an array', `[${line({})}]`, 'found an array'],
    ['null', 'null', 'found null'],
    ['a number', '17', 'found 17'],
    ['no id', line({ id: undefined }), '"id" is missing'],
    ['an empty id', line({ id: '' }), '"id" is ""'],
    ['a number as id', line({ id: 7 }), '"id" is 7'],
    ['no lattice', line({ lattice: undefined }), 'NaCl: "lattice" is missing'],
    ['a flat lattice', line({ lattice: [1, 2, 3] }), '"lattice" is [1,2,3]'],
    ['two lattice rows', line({ lattice: NACL.lattice.slice(1) }), 'lattice has 2 rows'],
    [
      'a singular lattice',
      line({
        lattice: [
          [1, 0, 0],
          [2, 0, 0],
          [0, 0, 1],
        ],
      }),
      'singular',
    ],
    [
      'a text as coordinate',
      line({
        frac: [
          ['0', 0, 0],
          [0, 0, 0],
        ],
      }),
      'coordinates of site 1: "0" is not a finite',
    ],
    [
      'null as coordinate',
      line({
        frac: [
          [0, 0, 0],
          [0, null, 0],
        ],
      }),
      'coordinates of site 2: null',
    ],
    ['an overflowing number', line({}).replace('[0.5,0.5,0.5]', '[1e999,0,0]'), 'Infinity is not a finite'],
    ['too few numbers', line({ numbers: [11] }), '2 coordinates for 1 species'],
    ['an unknown element', line({ numbers: [11, 119] }), 'atomic number 119'],
    [
      'symbols as numbers',
      line({ numbers: ['Na', 'Cl'] }),
      '"numbers" is ["Na","Cl"], expected a list of atomic numbers',
    ],
    ['numbers and species', line({ species: [] }), 'found both'],
    ['neither', line({ numbers: undefined }), 'found neither'],
    [
      'species that are no list',
      line({ numbers: undefined, species: [11, 17] }),
      '"species" of site 1 is 11',
    ],
    ['null as an occupant', line({ numbers: undefined, species: [[null], []] }), '"species" of site 1'],
    [
      'too much on a site',
      line({ numbers: undefined, species: [[{ element: 3, occupancy: 2 }], []] }),
      'occupancy 2',
    ],
    ['an unknown split', line({ split: 'valid' }), '"split" is "valid", expected one of train, val, test'],
    ['targets as a list', line({ targets: [1] }), '"targets" is [1]'],
    ['a text as target', line({ targets: { gap: '5' } }), 'target "gap" is "5", expected a finite number'],
    ['a target out of range', line({}).replace('-2.1', '-1e999'), 'target "e_form" is -Infinity'],
  ]
  it.each(bad)('is refused: %s', (_, text, message) => {
    expect(() => parseLabelledCrystal(text)).toThrow(DatasetError)
    expect(() => parseLabelledCrystal(text)).toThrow(message)
  })

  it('keeps the structure error as the cause, and cuts a long value short', () => {
    const fail = (text: string) => {
      try {
        parseLabelledCrystal(text)
      } catch (error) {
        return error as DatasetError
      }
      throw new Error('was not refused')
    }
    expect(fail(line({ numbers: [11, 0] })).cause).toBeInstanceOf(StructureError)
    expect(fail(line({ id: { text: 'x'.repeat(1e5) } })).message.length).toBeLessThan(150)
  })

  it('stands deep nesting', () => {
    const depth = 1e5
    expect(() => parseLabelledCrystal('['.repeat(depth))).toThrow(DatasetError)
    expect(() => parseLabelledCrystal('['.repeat(depth) + ']'.repeat(depth))).toThrow(DatasetError)
  })
})
