// CIF: syntax, symmetry given in every way files give it, atoms as files list them, and what is refused.

import { describe, expect, test } from 'vitest'
import { formula } from '../../src/crystal/formula.ts'
import {
  type FailedEntry,
  type ParsedStructure,
  readEntries,
  readStructures,
} from '../../src/crystal/read.ts'
import { ParseError } from '../../src/errors.ts'

const CUBIC = cell(5.64, 5.64, 5.64, 90, 90, 90)
const RUTILE = cell(4.5937, 4.5937, 2.9587, 90, 90, 90)

function cell(...values: number[]): string {
  const tags = ['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma']
  return tags.map((tag, i) => `_cell_${tag} ${values[i]}`).join('\n')
}

function atoms(rows: string, columns = 'label fract_x fract_y fract_z'): string {
  return `loop_\n${columns
    .split(' ')
    .map((c) => `_atom_site_${c}`)
    .join('\n')}\n${rows}\n`
}

function operations(...list: string[]): string {
  return `loop_\n_symmetry_equiv_pos_as_xyz\n${list.map((o) => `'${o}'`).join('\n')}\n`
}

function read(...parts: string[]): ParsedStructure {
  const [first] = readStructures(`data_test\n${parts.join('\n')}\n`, { file: 'test.cif' })
  return first
}

function refusal(...parts: string[]): ParseError {
  try {
    read(...parts)
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError)
    return error as ParseError
  }
  throw new Error('was read')
}

/** Expects a ParseError with this message on the last line that starts with `start`. */
function expectRefusal(message: RegExp, start: string, ...parts: string[]): void {
  const error = refusal(...parts)
  expect(error.message).toMatch(message)
  const lines = `data_test\n${parts.join('\n')}`.split('\n')
  expect([error.file, error.line]).toEqual([
    'test.cif',
    lines.findLastIndex((line) => line.startsWith(start)) + 1,
  ])
}

const TIO2 = atoms('Ti1 0 0 0\nO1 0.3053 0.3053 0')
const NACL = atoms('Na1 0 0 0\nCl1 0.5 0.5 0.5')

describe('symmetry', () => {
  test.each([
    "_symmetry_space_group_name_H-M 'P 42/m n m'",
    "_space_group_name_H-M_alt 'P 42/m n m'",
    "_space_group.name_H-M_alt 'P4_2/mnm'",
    '_symmetry_space_group_name_H-M P 42/m n m',
    '_symmetry_Int_Tables_number 136',
    '_space_group_IT_number 136',
    "_space_group_name_Hall '-P 4n 2n'",
    "_symmetry_space_group_name_Hall -P_4n_2n\n_space_group_name_H-M_alt 'P 1'",
    "_symmetry_space_group_name_H-M '?'\n_symmetry_Int_Tables_number 136",
    operations('x,y,z', '-x,-y,z', '1/2-y,1/2+x,1/2+z', '1/2+y,1/2-x,1/2+z') +
      operations('ignored').replace('_symmetry_equiv_pos_as_xyz', '_symmetry_equiv_pos_site_id'),
  ])('%s', (symmetry) => {
    const { structure } = read(RUTILE, symmetry, TIO2)
    expect(formula(structure)).toBe('Ti2 O4')
  })

  test('listed operations, each tag', () => {
    for (const tag of [
      '_symmetry_equiv_pos_as_xyz',
      '_space_group_symop_operation_xyz',
      '_space_group_symop.operation_xyz',
    ]) {
      const list = operations('x,y,z', '-x,-y,-z').replace('_symmetry_equiv_pos_as_xyz', tag)
      expect(read(CUBIC, list, atoms('Na1 0.1 0.2 0.3')).structure.frac).toEqual([
        [0.1, 0.2, 0.3],
        [0.9, 0.8, 0.7],
      ])
    }
  })

  test('listed operations win over the symbol, with a warning when they are the identity only', () => {
    const { structure, warnings } = read(
      CUBIC,
      "_space_group_name_H-M_alt 'F m -3 m'",
      operations('x,y,z'),
      NACL,
    )
    expect(structure.frac).toHaveLength(2)
    expect(warnings.join()).toMatch(
      /1 symmetry operations are listed, but F m -3 m has 192; those listed are used/,
    )
  })

  test('a symbol and a number that contradict each other are warned about', () => {
    const { structure, warnings } = read(
      CUBIC,
      "_space_group_name_H-M_alt 'F m -3 m'\n_space_group_IT_number 221",
      NACL,
    )
    expect(structure.frac).toHaveLength(8)
    expect(warnings.join()).toMatch(/line 8: F m -3 m is not space group 221/)
  })

  test('an atom moved onto its special position further than rounding explains is warned about', () => {
    const { structure, warnings } = read(
      CUBIC,
      "_space_group_name_H-M_alt 'P -1'",
      atoms('Na1 .01 .02 0\nCl1 .5 .49 .5'),
    )
    expect(structure.frac).toEqual([
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ])
    expect(warnings.join()).toMatch(/Na1 .* was moved by 0\.13 Å .*, and 1 others less far/)
  })

  test('magnetic operations: centring is applied, time reversal moves nothing', () => {
    const symmetry = [
      'loop_\n_space_group_symop_magn_operation.id\n_space_group_symop_magn_operation.xyz\n1 x,y,z,+1\n2 -x,-y,z,-1',
      'loop_\n_space_group_symop_magn_centering.id\n_space_group_symop_magn_centering.xyz\n1 x,y,z,+1\n2 x,y,z+1/2,-1',
    ].join('\n')
    expect(read(CUBIC, symmetry, atoms('Mn1 0.1 0.2 0.3')).structure.frac).toHaveLength(4)
  })

  test('rhombohedral axes by the cell, hexagonal ones by the cell or the suffix', () => {
    const al2o3 = atoms('Al1 0.352 0.352 0.352\nO1 0.556 -0.056 0.25')
    const rhombohedral = cell(5.128, 5.128, 5.128, 55.28, 55.28, 55.28)
    expect(formula(read(rhombohedral, "_space_group_name_H-M_alt 'R -3 c'", al2o3).structure)).toBe('Al4 O6')
    const hexagonal = cell(4.758, 4.758, 12.991, 90, 90, 120)
    const corundum = atoms('Al1 0 0 0.35216\nO1 0.30624 0 0.25')
    for (const name of ['R -3 c', 'R -3 c :H', 'R-3cH']) {
      const { structure } = read(hexagonal, `_space_group_name_H-M_alt '${name}'`, corundum)
      expect(formula(structure)).toBe('Al12 O18')
    }
  })

  test('origin choice: by suffix, by the number of atoms, else choice 2 with a warning', () => {
    const diamond = cell(3.567, 3.567, 3.567, 90, 90, 90)
    const carbon = atoms('C1 0 0 0')
    const count = (...more: string[]) => read(diamond, ...more, carbon).structure.frac.length
    expect(count("_space_group_name_H-M_alt 'F d -3 m :1'")).toBe(8)
    expect(count("_space_group_name_H-M_alt 'F d -3 m :2'")).toBe(16)
    const declared = ['_space_group_IT_number 227', '_chemical_formula_sum C', '_cell_formula_units_Z 8']
    expect(count(...declared)).toBe(8)
    expect(read(diamond, ...declared, carbon).warnings).toEqual([])
    const { structure, warnings } = read(diamond, '_space_group_IT_number 227', carbon)
    expect(structure.frac).toHaveLength(16)
    expect(warnings.join()).toMatch(/origin choice 2 of F d -3 m was assumed/)
  })

  test('without any symmetry the atoms are the cell, and a warning says so', () => {
    const { structure, warnings } = read(CUBIC, NACL)
    expect(structure.frac).toHaveLength(2)
    expect(warnings).toEqual(['no symmetry is given; the atoms are taken as the whole cell (P 1)'])
  })

  test('a cell that does not fit the group is warned about', () => {
    const { warnings } = read(
      cell(3, 3, 5, 90, 90, 90),
      "_space_group_name_H-M_alt 'P 3'",
      atoms('W1 0.1 0.2 0.3'),
    )
    expect(warnings.join()).toMatch(/does not have the symmetry/)
  })

  test.each([
    [operations('x,y,z', 'foo,bar,baz'), "'foo", /"foo,bar,baz" is no symmetry operation/],
    ["_space_group_name_H-M_alt 'Q 17'", '_space', /space group "Q 17" is not known/],
    ['_space_group_IT_number 231', '_space', /space group "231" is not known/],
  ])('%j is refused', (symmetry, start, message) => expectRefusal(message, start, CUBIC, symmetry, NACL))
})

describe('atoms', () => {
  const P1 = operations('x,y,z')

  test('standard uncertainties, signs, missing leading zeros, fractions', () => {
    const { structure } = read(CUBIC, P1, atoms('Na1 0.3053(12) -.25 1/3\nCl1 +5.E-1 .5(1) 90.(0)'))
    expect(structure.frac).toEqual([
      [0.3053, -0.25, 1 / 3],
      [0.5, 0.5, 90],
    ])
  })

  test('two rows at one place are one disordered site; oxidation states of one element are one species', () => {
    const rows = 'Fe1 Fe2+ 0 0 0 0.5\nFe2 Fe3+ 0 0 0 0.25\nMg1 Mg2+ 0 0 0.0001 0.25\nO1 O2- 0.5 0.5 0.5 1'
    const { structure, warnings } = read(
      CUBIC,
      P1,
      atoms(rows, 'label type_symbol fract_x fract_y fract_z occupancy'),
    )
    expect(structure.species).toEqual([
      [
        { element: 26, occupancy: 0.75 },
        { element: 12, occupancy: 0.25 },
      ],
      [{ element: 8, occupancy: 1 }],
    ])
    expect(warnings).toEqual([])
  })

  test('vacancies', () => {
    const rows = atoms('Na1 0 0 0 0.9\nCl1 0.5 0.5 0.5 ?', 'label fract_x fract_y fract_z occupancy')
    const { structure } = read(CUBIC, "_space_group_name_H-M_alt 'F m -3 m'", rows)
    expect(formula(structure)).toBe('Na3.6 Cl4')
  })

  test('the same atom listed twice is merged with a warning; different atoms on one place are refused', () => {
    const { structure, warnings } = read(CUBIC, P1, atoms('Na1 0 0 0\nNa2 0.0001 0 1'))
    expect(structure.frac).toHaveLength(1)
    expect(warnings.join()).toMatch(/Na1 \(line 17\), Na2 \(line 18\) are the same atom/)
    expect(refusal(CUBIC, P1, atoms('Na1 0 0 0\nCl1 0.0001 0 0')).message).toMatch(
      /Na1 .*Cl1 .* add up to 2\.000/,
    )
  })

  test('occupancies a little above 1 in sum are scaled, with a warning', () => {
    const rows = 'Co1 0 0 0 0.87\nFe1 0 0 0 0.15\nO1 .5 .5 .5 1'
    const { structure, warnings } = read(CUBIC, P1, atoms(rows, 'label fract_x fract_y fract_z occupancy'))
    expect(structure.species[0].reduce((sum, o) => sum + o.occupancy, 0)).toBeCloseTo(1, 12)
    expect(warnings.join()).toMatch(/add up to 1\.020; they are scaled/)
  })

  test('rows without coordinates, with occupancy 0 and dummies are left out with a warning', () => {
    const rows = 'Na1 0 0 0 1 d\nH1 ? ? ? 1 d\nCl1 .5 .5 .5 0 d\nX1 .1 .1 .1 1 dum'
    const parsed = read(CUBIC, P1, atoms(rows, 'label fract_x fract_y fract_z occupancy calc_flag'))
    expect(parsed.structure.frac).toHaveLength(1)
    expect(parsed.warnings.join()).toMatch(/without coordinates, left out: H1.*occupancy 0.*Cl1.*dummy.*X1/)
  })

  test('hydrogen that is attached but not placed is mentioned', () => {
    const rows = atoms('O1 0 0 0 1\nMg1 .5 .5 .5 0', 'label fract_x fract_y fract_z attached_hydrogens')
    expect(read(CUBIC, P1, rows).warnings).toEqual(['hydrogen without coordinates is attached to O1'])
  })

  test('deuterium is hydrogen, and the formula settles ambiguous labels', () => {
    const heavyWater = read(CUBIC, P1, atoms('D1 0 0 0\nO1 .2 .2 .2'))
    expect(formula(heavyWater.structure)).toBe('H1 O1')
    const hydrate = read(
      CUBIC,
      P1,
      "_chemical_formula_sum 'H2 O Mg'",
      atoms('Ho1 0 0 0\nMg1 .5 .5 .5\nO1 .2 .2 .2'),
    )
    expect(formula(hydrate.structure)).toBe('Mg1 H1 O1')
  })

  test('a cell that does not hold the declared formula is warned about', () => {
    const { warnings } = read(CUBIC, P1, "_chemical_formula_sum 'Na2 Cl'", NACL)
    expect(warnings.join()).toMatch(/cell holds Na1 Cl1, .* declared formula Na2 Cl/)
    expect(read(CUBIC, P1, "_chemical_formula_sum 'Cl Na H2'", NACL).warnings).toEqual([])
  })

  test.each([
    [atoms('Na1 abc 0 0'), 'Na1', /_atom_site_fract_x "abc" is not a number/],
    [atoms('Na1 NaN 0 0'), 'Na1', /not a number/],
    [atoms('Na1 0 0 0\nCl1 0.5 0.5\nK1 .1 .1 .1'), 'Cl1', /incomplete row/],
    [atoms('Qq1 0 0 0'), 'Qq1', /"Qq1" stands for no element/],
    [atoms('Na1 0 0 0 -1', 'label fract_x fract_y fract_z occupancy'), 'Na1', /negative/],
    [atoms('0 0 0', 'fract_x fract_y fract_z'), '0', /neither _atom_site_type_symbol nor/],
    [atoms('Na1 0 0', 'label fract_x fract_y'), 'data_', /no _atom_site_fract_z/],
    [atoms('Na1 ? ? ?'), 'data_', /places no atoms/],
  ])('%j is refused', (list, start, message) => expectRefusal(message, start, CUBIC, P1, list))

  test.each([
    [CUBIC.replace('_cell_angle_gamma 90', '_cell_angle_gamma ?'), 'data_', /no _cell_angle_gamma/],
    [CUBIC.replace('_cell_length_c 5.64', '_cell_length_c 0'), 'data_', /cell length c = 0/],
    [CUBIC.replace('_cell_length_b 5.64', '_cell_length_b wide'), '_cell_length_b', /"wide" is not a number/],
    [cell(1, 1, 1, 20, 20, 120), 'data_', /no cell has the angles/],
  ])('the cell %j is refused', (broken, start, message) => expectRefusal(message, start, broken, P1, NACL))
})

describe('syntax', () => {
  const whole = `data_one\n${CUBIC}\n${NACL}`
  const sites = (text: string) => readStructures(text)[0].structure.frac.length

  test.each([
    ['a byte order mark', `\uFEFF${whole}`],
    ['Windows line ends', whole.replaceAll('\n', '\r\n')],
    ['old Macintosh line ends', whole.replaceAll('\n', '\r')],
    ['tabs', whole.replaceAll(' ', '\t')],
    ['rows broken over lines', whole.replaceAll(' 0.5', '\n 0.5')],
    ['rows joined on a line', whole.replace('0\nCl1', '0 Cl1')],
    ['comments', whole.replace('data_one', '# first\ndata_one # second\n#third').replace('Na1', '#x\nNa1')],
    ['upper case', whole.replace('loop_', 'LOOP_').replace('data_', 'DATA_').replaceAll('_cell', '_CELL')],
    [
      'keywords in a text field',
      whole.replace('loop_', '_x\n;\nloop_\n_cell_length_a 99\ndata_two\n;\nloop_'),
    ],
    ['quotes in quotes', whole.replace('loop_', "_a 'O'Keeffe, M.'\n_b \"it's\"\nloop_")],
    ['a tag without a value', whole.replace('loop_', '_a\n_b\nloop_')],
    ['a loop without values', whole.replace('loop_', 'loop_\n_a\n_b\nloop_')],
  ])('%s', (_, text) => expect(sites(text)).toBe(2))

  test('a quote that is not closed ends with its line, with a warning', () => {
    const [parsed] = readStructures(whole.replace('loop_', "_publ 'never closed\nloop_"))
    expect(parsed.structure.frac).toHaveLength(2)
    expect(parsed.warnings.join()).toMatch(/line 8: a ' is opened and not closed/)
  })

  test('every block with atoms is a structure; a broken one does not lose the others', () => {
    const text = [
      'data_text\n_journal_year 2020',
      whole,
      whole.replace('one', 'two').replace('Na1 0 0 0', 'Na1 0 0 zero'),
      whole.replace('one', 'three').replace('Na1', 'K1'),
    ].join('\n')
    const entries = [...readEntries(text, { file: 'many.cif' })]
    expect(entries.map((e) => e.index)).toEqual([0, 1, 2])
    expect(entries.map((e) => ('error' in e ? e.error.message : formula(e.structure)))).toEqual([
      'Na1 Cl1',
      'many.cif, line 30: _atom_site_fract_z "zero" is not a number',
      'K1 Cl1',
    ])
    expect(() => readStructures(text)).toThrow(/line 30/)
  })

  test('a text field that is not closed ends its block only', () => {
    const entries = [...readEntries(`${whole}\n${whole.replace('loop_', '_x\n;\nopen\nloop_')}\n${whole}`)]
    expect(entries.map((e) => 'error' in e)).toEqual([false, true, false])
  })

  test.each([
    ['hello world\nthis is not a cif', 1, /no data block.*found "hello"/],
    ['data_empty\n_journal_year 2020', 1, /lists no atoms/],
    [whole.replace('loop_', '_x\n;\nnever closed\nloop_'), 9, /text field .* never closed/],
  ])('%j is refused', (text, line, message) => {
    const [entry] = [...readEntries(text, { file: 'bad.cif' })]
    expect('error' in entry && entry.error).toBeInstanceOf(ParseError)
    const error = (entry as FailedEntry).error
    expect(error.message).toMatch(message)
    expect(error).toMatchObject({ file: 'bad.cif', line })
  })
})
