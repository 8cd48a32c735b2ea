// Names that begin like an element and are none, symmetry that is not whole, numbers that contradict each other: an error, or
// a warning that says what was taken. Expectations are those of the dictionaries of CIF, of VASP, ASE, OPTIMADE and pymatgen,
// and counts by hand.

import { describe, expect, test } from 'vitest'
import { all, cif, content, cubic, P1, read, refused } from './left-open.ts'

const ROWS = 'Na1 Na .1 .2 .3'
const box = '_cell_length_a 5\n_cell_length_b 6\n_cell_length_c 7'
const operations = (...list: string[]) =>
  `loop_\n_space_group_symop_operation_xyz\n${list.map((o) => `'${o}'`).join('\n')}`
const symmetric = (head: string) => read(cif(`${box}\n_cell_angle_alpha 90\n${head}`, ROWS))
const said = (head: string) => symmetric(head).warnings.join('\n')

describe('names that begin like an element', () => {
  const labelled = (label: string, formula = '') =>
    cif(
      `${P1}\n${cubic(8)}\n${formula && `_chemical_formula_sum '${formula}'`}`,
      `${label} 0 0 0\nO2 .2 0 0`,
      'fract_x fract_y fract_z',
    )
  const typed = (type: string, label = 'Q1') => cif(`${P1}\n${cubic(8)}`, `${label} '${type}' 0 0 0`)

  test.each([
    ...['Vac1', 'VAC1', 'Void2', 'Va1', 'Du1', 'Dum1', 'Oct1', 'Tet2', 'Cat1', 'Ani1', 'Hal1'],
    ...['Cent1', 'Cg1', 'Bq1', 'Site1', 'Atom1', 'Ghost1', 'RE1', 'REE1', 'TM1'],
  ])('the label %s is refused', (label) => {
    expect(refused(labelled(label))).toMatch(`"${label}" stands for no element`)
  })
  test.each(['Va', 'Vac', 'Vacancy', 'Oct', 'Hal', 'Cat', 'Dum'])('the type %s is refused', (type) =>
    expect(refused(typed(type))).toMatch(`"${type}" stands for no element; give one`),
  )
  test.each([
    ['Oct1', 'Na O'],
    ['Vac1', 'V O'],
  ])('%s is refused in %s, too', (label, formula) =>
    expect(refused(labelled(label, formula))).toMatch(/stands for no element/),
  )
  test.each([
    ['Va1', 'V O', 'V'],
    ['RE1', 'Re O', 'Re'],
    ['SI1', 'Si O', 'Si'],
  ])('%s in %s is %s', (label, formula, element) => {
    const parsed = read(labelled(label, formula))
    expect(content(parsed)).toEqual({ [element]: 1, O: 1 })
    expect(parsed.warnings).toEqual([])
  })
  test.each([
    ['SI1', 'S'],
    ['OW1', 'O'],
    ['NaK1', 'Na'],
  ])('%s is %s, with a warning', (label, element) =>
    expect(read(labelled(label)).warnings.join()).toMatch(`"${label}" is taken as ${element}`),
  )
  test.each(['RE', 'TM'])('the type %s is an element, with a warning', (type) =>
    expect(read(typed(type)).warnings.join()).toMatch(`"${type}" is taken as`),
  )
  test('a label in place of a type that is none is said', () =>
    expect(read(typed('M', 'Fe1')).warnings).toEqual([
      'line 15: "M" is no element; its label "Fe1" is taken as Fe',
    ]))
  test.each(['Ti1', 'O1A', 'D1', 'Na1+', 'C1'])('%s is read in silence', (label) =>
    expect(read(labelled(label)).warnings).toEqual([]),
  )
  test('many names are said in a few lines', () => {
    const rows = Array.from({ length: 40 }, (_, i) => `OW${i} ${i / 50} 0 0`).join('\n')
    const { warnings } = read(cif(`${P1}\n${cubic(40)}`, rows, 'fract_x fract_y fract_z'))
    expect(warnings).toHaveLength(6)
    expect(warnings.at(-1)).toBe('35 more names are taken so')
  })
})

describe('several elements', () => {
  const typed = (type: string) => cif(`${P1}\n${cubic(5)}`, `M1 '${type}' 0 0 0`)
  test.each(['3/4Si+1/4Al', 'Si:3 Al:1', 'Si or Al', 'Si1-xAlx', '75Si+25Al', 'Si75Al25'])(
    'the type %s without shares is refused',
    (type) => expect(refused(typed(type))).toMatch(/names several elements; give their shares/),
  )
  test.each(['0.75 Si, 0.25 Vac', 'Si0.75[]0.25', '0.75Si + 0.25Va'])('%s is a vacancy beside Si', (type) =>
    expect(content(read(typed(type)))).toEqual({ Si: 0.75 }),
  )
  test.each(['AlSi1', 'FeMg2'])('the label %s is refused', (label) =>
    expect(refused(cif(`${P1}\n${cubic(5)}`, `${label} 0 0 0`, 'fract_x fract_y fract_z'))).toMatch(
      /names several/,
    ),
  )
})

describe('T is no tritium', () => {
  const lattice = [[4, 0, 0], [0, 4, 0], [0, 0, 4]] // biome-ignore format: one line
  const optimade = {
    attributes: {
      lattice_vectors: lattice,
      cartesian_site_positions: [[0, 0, 0]],
      species_at_sites: ['T'],
      species: [{ name: 'T', chemical_symbols: ['T'], concentration: [1] }],
    },
  }
  test.each([
    ['POSCAR', 'x\n1\n4 0 0\n0 4 0\n0 0 4\nT\n1\nDirect\n0 0 0\n'],
    ['a.xyz', '1\nLattice="4 0 0 0 4 0 0 0 4"\nT 0 0 0\n'],
    ['XDATCAR', 'x\n1\n4 0 0\n0 4 0\n0 0 4\nT\n1\nDirect configuration= 1\n0 0 0\n'],
    ['a.json', JSON.stringify({ lattice, frac: [[0, 0, 0]], species: ['T'] })],
    ['b.json', JSON.stringify({ lattice_mat: lattice, coords: [[0, 0, 0]], elements: ['T'] })],
    ['c.json', JSON.stringify(optimade)],
  ])('in %s', (file, text) => expect(refused(text, file)).toMatch(/"T" is no element/))

  test('but in pymatgen, which calls the isotope so, and D is hydrogen everywhere', () => {
    const sites = ['T', 'D'].map((element, i) => ({
      species: [{ element, occu: 1 }],
      abc: [i / 2, 0, 0],
    }))
    expect(content(read(JSON.stringify({ lattice: { matrix: lattice }, sites }), 'a.json'))).toEqual({ H: 2 })
    expect(content(read('1\nLattice="4 0 0 0 4 0 0 0 4"\nD 0 0 0\n', 'a.xyz'))).toEqual({ H: 1 })
  })
})

describe('symmetry that is not whole', () => {
  test.each([
    ['identity', ['-x,-y,-z'], 2, '"x,y,z" is missing'],
    ['product', ['x,y,z', '-x,-y,z', 'x,y,-z'], 4, '"-x,-y,-z" is missing'],
    ['centred image', ['x,y,z', 'x+1/2,y+1/2,z', '-x,-y,-z'], 4, '"-x+1/2,-y+1/2,-z" is missing'],
  ])('the %s that is not listed is used, with a warning', (_, list, count, message) => {
    const parsed = symmetric(operations(...list))
    expect(parsed.structure.frac).toHaveLength(count)
    expect(parsed.warnings.join()).toMatch(`${message}; all ${count} of the group are used`)
  })
  test('translations of no lattice are not multiplied', () => {
    const parsed = symmetric(operations('x,y,z', 'x+0.1,y,z'))
    expect(parsed.structure.frac).toHaveLength(2)
    expect(parsed.warnings.join()).toMatch(/no group; check their translations/)
  })
  test('operations given twice are no fault', () =>
    expect(said(operations('x,y,z', 'x,y,z', '-x,-y,-z'))).not.toMatch(/group/))
  test('two lists, or a Hall symbol and another, that differ', () => {
    const older = operations('x,y,z', '-x,-y,-z').replace(
      'space_group_symop_operation',
      'symmetry_equiv_pos_as',
    )
    expect(said(`${operations('x,y,z')}\n${older}`)).toMatch(
      /1 symmetry operations are listed under .* but 2/,
    )
    const hall = "_space_group_name_Hall '-P 2ybc'\n_space_group_name_H-M_alt 'P -1'"
    expect(said(hall)).toMatch(/Hall symbol "-P 2ybc" has 4 symmetry operations, but P -1 has 2/)
  })
  test.each(['_space_group_magn.number_BNS 2.7', '_space_group_magn.name_BNS "P -1\'"'])(
    '%s without operations is refused',
    (line) =>
      expect(refused(cif(`${box}\n${line}`, ROWS))).toMatch(/magnetic group .* without its operations/),
  )
  test.each([
    'displace_Fourier_id',
    'occ_Fourier_id',
    'occ_special_func_crenel_c',
    'displace_special_func_sawtooth_c',
    'displace_Legendre_id',
  ])('_atom_site_%s is of a modulated structure', (tag) =>
    expect(said(`${P1}\nloop_\n_atom_site_${tag}\n1`)).toMatch(/is modulated; its average is read/),
  )
})

describe('numbers that contradict each other', () => {
  test('the volume of a CIF, except for rounding', () => {
    expect(said(`${P1}\n_cell_volume 420`)).toMatch(/has 210\.00 Å³, but the file declares 420/)
    expect(said(`${P1}\n_cell_volume 210.4(3)`)).not.toMatch(/declares/)
  })
  test('keys of extended XYZ that stand there twice', () => {
    const frame = (info: string) =>
      read(`1\nLattice="4 0 0 0 4 0 0 0 4" ${info}\nNa 0 0 0\n`, 'a.xyz').warnings
    expect(frame('energy=-3 energy=-4')).toEqual(['line 2: energy is given twice; the last is used'])
    expect(frame('energy=-3 energy=-3')).toEqual([])
  })
  test('a row of extended XYZ that ends before its last column', () => {
    const frame = (rows: string) =>
      `2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3\n${rows}`
    expect(refused(frame('Na 0 0 0 0 0 0\nCl 2 2 2 0'), 'a.xyz')).toMatch(
      /line 4: 5 columns, Properties names 7; is the file cut off/,
    )
    expect(read(frame('Na 0 0 0 0 0 0\nCl 2 2 2 0 0 0'), 'a.xyz').warnings).toEqual([])
  })
  test('coordinates of pymatgen', () => {
    const site = (abc: number[], xyz: number[]) => ({ species: [{ element: 'Na', occu: 1 }], abc, xyz })
    const warnings = (xyz: number[]) => {
      const lattice = { matrix: [[4, 0, 0], [0, 4, 0], [0, 0, 4]] } // biome-ignore format: one line
      return read(JSON.stringify({ lattice, sites: [site([0.5, 0, 0], xyz)] }), 'a.json').warnings
    }
    expect(warnings([2, 0, 0])).toEqual([])
    expect(warnings([1, 0, 0])).toEqual(['xyz and abc disagree for 1 of 1 sites; abc is taken'])
  })
  test('the number of sites of OPTIMADE', () => {
    const attributes = {
      lattice_vectors: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], // biome-ignore format: one line
      cartesian_site_positions: [[0, 0, 0]],
      species_at_sites: ['Na'],
      nsites: 3,
    }
    expect(refused(JSON.stringify({ attributes }), 'a.json')).toMatch(/nsites: 3 sites, but there are 1/)
  })
  test.each([[true], ['True'], [1]])('JARVIS, cartesian %j', (cartesian) => {
    const atoms = {
      lattice_mat: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], // biome-ignore format: one line
      coords: [[0, 0, 0], [2, 2, 2]], // biome-ignore format: one line
      elements: ['Na', 'Cl'],
    }
    const parsed = read(JSON.stringify({ ...atoms, cartesian }), 'a.json')
    expect(parsed.structure.frac[1]).toEqual([0.5, 0.5, 0.5])
    expect(refused(JSON.stringify({ ...atoms, cartesian: 'maybe' }), 'a.json')).toMatch(/true or false/)
  })
  test('numbers that no crystal has', () => {
    const own = (a: number, x: number) =>
      JSON.stringify({ lattice: [[a, 0, 0], [0, a, 0], [0, 0, a]], frac: [[x, 0, 0]], numbers: [11] }) // biome-ignore format: one line
    expect(refused(own(1e6, 0), 'a.json')).toMatch(
      /lattice row 1 is 1\.000e\+6 Å long, expected at most 50000/,
    )
    expect(refused(own(4, 1e20), 'a.json')).toMatch(/coordinates of site 1: 100000000000000000000 cells/)
    expect(read(own(4, 1e6), 'a.json').structure.frac[0][0]).toBe(1e6)
  })
})

describe('titles of VASP 4', () => {
  const poscar = (title: string, scale = '1') =>
    `${title}\n${scale}\n4 0 0\n0 4 0\n0 0 4\n1 1\nDirect\n0 0 0\n.5 .5 .5\n`
  test.each(['I am', 'as in'])('%s names no elements', (title) =>
    expect(read(poscar(title), 'POSCAR').placeholders).toBe(true),
  )
  test('a formula among other words is taken, with a warning', () => {
    const parsed = read(poscar('relaxed NaCl cell'), 'POSCAR')
    expect(content(parsed)).toEqual({ Na: 1, Cl: 1 })
    expect(parsed.warnings).toEqual([
      'the file names no elements (VASP 4); Na Cl are taken from its title "relaxed NaCl cell"',
    ])
  })
  test.each(['Na Cl', 'NaCl', 'Na1Cl1 rock salt'])('%s says it all', (title) => {
    const parsed = read(poscar(title), 'POSCAR')
    expect(content(parsed)).toEqual({ Na: 1, Cl: 1 })
    expect(parsed.warnings).toEqual([])
  })
  test('two scaling factors are neither one nor three', () =>
    expect(refused(poscar('Na Cl', '1.0 2.0'), 'POSCAR')).toMatch(/expected a number other than 0, or three/))
})

describe('tables and records of JSON', () => {
  const one = (z: number) => ({ lattice: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], frac: [[0, 0, 0]], numbers: [z] }) // biome-ignore format: one line
  const both = (value: unknown) =>
    all(JSON.stringify(value), 'a.json').map((e) => ('error' in e ? e.error.message : [content(e), e.labels]))
  const expected = [
    [{ Na: 1 }, { gap: 1.5 }],
    [{ K: 1 }, { gap: 2.5 }],
  ]
  test('a table by columns, as pandas writes it by default', () =>
    expect(both({ structure: { 0: one(11), 1: one(19) }, gap: { 0: 1.5, 1: 2.5 } })).toEqual(expected))
  test('structures that are texts of JSON', () => {
    const text = (z: number) => JSON.stringify(one(z))
    const columns = ['structure', 'gap']
    expect(both({ columns, data: [[text(11), 1.5], [text(19), 2.5]] })).toEqual(expected) // biome-ignore format: one line
    expect(refused(JSON.stringify({ structure: JSON.stringify(text(11)) }))).toMatch(/known format/)
  })
  test('numbers in the data of an entry, and in those of a database of ASE', () => {
    expect(both({ entries: [{ structure: one(11), data: { e_form: -1 }, energy: -3 }] })).toEqual([
      [{ Na: 1 }, { energy: -3, e_form: -1 }],
    ])
    const row = { cell: one(11).lattice, positions: [[0, 0, 0]], numbers: [11], pbc: [true, true, true] }
    expect(both({ 1: { ...row, ctime: 23, mtime: 23, key_value_pairs: { gap: 2 } }, ids: [1] })).toEqual([
      [{ Na: 1 }, { gap: 2 }],
    ])
  })
  test('a text that cannot be read is said with its place', () =>
    expect(refused(JSON.stringify([{ cif: 'data_x\n_cell_length_a 4' }]), 'a.json')).toMatch(
      /^a\.json, line 1: \[0\]\.cif: .*lists no atoms/,
    ))
})

describe('programs', () => {
  const pw = (system: string, cards: string) =>
    `&control\n/\n&system\n ibrav=1, celldm(1)=7.5, nat=1, ntyp=1${system}\n/\nATOMIC_SPECIES\nNa 23 Na.upf\n${cards}\nNa 0 0 0\n`
  test.each([`'mt'`, `"mp"`, `'makov-payne'`])('assume_isolated = %s of pw.x repeats nowhere', (kind) =>
    expect(refused(pw(`, assume_isolated=${kind}`, 'ATOMIC_POSITIONS crystal'), 'a.pwi')).toMatch(
      /assume_isolated.*is not periodic/,
    ),
  )
  test.each([`'2D'`, `"esm"`])('assume_isolated = %s is a slab', (kind) =>
    expect(
      read(pw(`, assume_isolated=${kind}`, 'ATOMIC_POSITIONS crystal'), 'a.pwi').warnings.join(),
    ).toMatch(/periodic in all three/),
  )
  test('a card of pw.x without a unit', () =>
    expect(read(pw('', 'ATOMIC_POSITIONS'), 'a.pwi').warnings).toEqual([
      'ATOMIC_POSITIONS without a unit are in alat, as pw.x takes them',
    ]))
  test('FHI-aims under any name is no POSCAR', () => {
    const rows = ['4 0 0', '0 4 0', '0 0 4'].map((row) => `lattice_vector ${row}`).join('\n')
    const parsed = read(`${rows}\natom_frac 0 0 0 Na\natom 2 2 2 Cl\n`, 'relaxed.in')
    expect(content(parsed)).toEqual({ Na: 1, Cl: 1 })
  })
})
