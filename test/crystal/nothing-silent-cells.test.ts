// Nothing is reinterpreted in silence: symmetry, cells, syntax and containers. Contents are counted by hand.

import { describe, expect, test } from 'vitest'
import { volume } from '../../src/crystal/cell.ts'
import type { ParseError } from '../../src/errors.ts'
import { all, cif, content, cubic, P1, read, refused } from './left-open.ts'

describe('symmetry and cells', () => {
  const fd3m = `${cubic(5.43)}\n_space_group_IT_number 227`
  const silica = 'Si1 Si 0 0 0\nO1 O .0625 .0625 .0625'

  test('the code of the coordinate system', () => {
    const coded = (code: string, number = 227) =>
      cif(
        `${cubic(5.43)}\n_space_group_IT_number ${number}\n_space_group_IT_coordinate_system_code ${code}`,
        silica,
      )
    expect(content(read(coded('1')))).toEqual({ Si: 8, O: 32 })
    expect(content(read(coded('2')))).toEqual({ Si: 16, O: 32 })
    expect(content(read(coded('1abc', 48)))).toEqual({ Si: 2, O: 8 })
    expect(content(read(coded('2abc', 48)))).toEqual({ Si: 4, O: 8 })
    expect(read(coded('z9')).warnings.join()).toMatch(/coordinate system "z9" is none of/)
  })
  test.each([
    '_exptl_crystal_density_diffrn 3.515',
    '_chemical_formula_weight 12.011\n_cell_formula_units_Z 8',
    '_exptl_crystal_F_000 48',
    '_chemical_formula_sum C\n_cell_formula_units_Z 8',
  ])('the origin of diamond by %j', (declared) => {
    const parsed = read(cif(`${cubic(3.567)}\n_space_group_IT_number 227\n${declared}`, 'C1 C 0 0 0'))
    expect(parsed.structure.frac).toHaveLength(8)
    expect(parsed.warnings).toEqual([])
  })
  test.each([
    ['symmetry_multiplicity', '8', 8],
    ['site_symmetry_multiplicity', '16', 16],
    ['Wyckoff_symbol', '8a', 8],
    ['Wyckoff_symbol', '16d', 16],
  ])('the origin by _atom_site_%s %s', (column, value, count) => {
    const rows = cif(
      `${cubic(3.567)}\n_space_group_IT_number 227`,
      `C1 C 0 0 0 ${value}`,
      `type_symbol fract_x fract_y fract_z ${column}`,
    )
    expect(read(rows).structure.frac).toHaveLength(count)
  })
  test('the origin by the proportions of the formula, or by atoms that would lie in each other', () => {
    const rows = 'Al1 Al 0.5 0.5 0.5\nMg1 Mg 0 0 0\nO1 O 0.25 0.25 0.25'
    expect(content(read(cif(`${fd3m}\n_chemical_formula_sum 'Si O4'`, silica)))).toEqual({ Si: 8, O: 32 })
    expect(content(read(cif(`${fd3m}\n_chemical_formula_sum 'Si O2'`, silica)))).toEqual({ Si: 16, O: 32 })
    expect(read(cif(fd3m, rows)).structure.frac.length).toBeGreaterThan(0)
  })

  const withOperations = (list: string, rows = 'Na1 Na .1 .2 .3', cell = cubic(5)) =>
    cif(`${cell}\n${list}`, rows)
  const loop = (tag: string, ...operations: string[]) => `loop_\n${tag}\n${operations.join('\n')}`
  const XYZ = '_space_group_symop_operation_xyz'

  test('fractions in the rotation, where the centring is listed', () => {
    const cell = '_cell_length_a 4\n_cell_length_b 6.9282032\n_cell_length_c 6.5'
    const list = (centring: string[]) =>
      loop(XYZ, "'x,y,z'", ...centring, "'-1/2x-3/2y,1/2x-1/2y,z'", "'-x/2+3y/2,-0.5x-0.5y,z'")
    const rows = 'Fe1 Fe 0 0 0\nI1 I 0 0.3333333 .25'
    expect(content(read(withOperations(list(["'x+1/2,y+1/2,z'"]), rows, cell)))).toEqual({ Fe: 2, I: 2 })
    expect(refused(withOperations(list([]), rows, cell))).toMatch(
      /takes lattice points to none; list the centring/,
    )
    expect(refused(withOperations(loop(XYZ, "'x,y,z'", "'2x,y,z'")))).toMatch(/no symmetry operation/)
  })
  test.each([
    ['without a loop', `${XYZ} 'x,y,z'\n`, 1],
    ['in one text', `${XYZ}\n;\nx,y,z\n-x,-y,-z\n;`, 2],
    ['without quotes', loop(XYZ, 'x, y, z', '-x, -y, -z'), 2],
    ['magnetic', loop('_space_group_symop_magn_operation_xyz', 'x,y,z,+1', '-x,-y,-z,-1'), 2],
    [
      'of the oldest magnetic form',
      loop('_magnetic_space_group_symop_operation_xyz', 'x,y,z,mx,my,mz', '-x,-y,-z,-mx,-my,-mz'),
      2,
    ],
  ])('operations %s', (_, list, count) =>
    expect(read(withOperations(list)).structure.frac).toHaveLength(count),
  )

  test('a modulated structure is read as its average, and said so', () => {
    const list = `_cell_modulation_dimension 1\nloop_\n_space_group_symop_ssg_operation_algebraic\nx1,x2,x3,x4\n-x1,-x2,-x3,-x4+1/2`
    const parsed = read(withOperations(list))
    expect(parsed.structure.frac).toHaveLength(2)
    expect(parsed.warnings.join()).toMatch(/modulated; its average is read/)
    const named = withOperations("_space_group_ssg_name 'Pnma(0,b,0)s00'")
    expect(refused(named)).toMatch(/superspace group "Pnma\(0,b,0\)s00" without its operations/)
    expect(refused(withOperations('_cell_subsystems_number 2'))).toMatch(/composite of 2 subsystems/)
  })
  test('angles that are not given are 90°, with a warning', () => {
    const parsed = read(withOperations(P1, undefined, '_cell_length_a 4\n_cell_length_b 5\n_cell_length_c 6'))
    expect(volume(parsed.structure.lattice)).toBeCloseTo(120, 9)
    expect(parsed.warnings.join()).toMatch(/no _cell_angle_alpha; it is 90°/)
  })
})

describe('Cartesian sites', () => {
  const oblique =
    '_cell_length_a 10\n_cell_length_b 10\n_cell_length_c 10\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 120'
  const sites = (head: string) =>
    cif(`${P1}\n${oblique}\n${head}`, 'C1 C -5 8.660254037844386 5', 'type_symbol Cartn_x Cartn_y Cartn_z')
  const frac = (text: string) => read(text).structure.frac[0].map((x) => Number(x.toFixed(9)))

  test('in the standard orientation', () => expect(frac(sites(''))).toEqual([0, 1, 0.5]))
  test('by the matrix that is given, one way or the other', () => {
    const matrix = (tag: string, diagonal: number) =>
      [1, 2, 3].flatMap((i) => [1, 2, 3].map((j) => `${tag}${i}${j} ${i === j ? diagonal : 0}`)).join('\n')
    const bracketed = matrix('_atom_sites.fract_transf_matrix', 0.1).replace(/(\d)(\d) /g, '[$1][$2] ')
    const expected = [-0.5, 0.866025404, 0.5]
    expect(frac(sites(matrix('_atom_sites_Cartn_tran_matrix_', 10)))).toEqual(expected)
    expect(frac(sites(matrix('_atom_sites_fract_tran_matrix_', 0.1)))).toEqual(expected)
    expect(frac(sites(`${bracketed}\n_atom_sites.fract_transf_vector[1] 0.25`))).toEqual([
      -0.25,
      ...expected.slice(1),
    ])
    expect(refused(sites(matrix('_atom_sites_fract_tran_matrix_', 0)))).toMatch(/singular/)
  })
})

describe('CIF 2.0 and broken syntax', () => {
  const whole = cif(`${P1}\n${cubic(5)}`, 'Na1 Na 0 0 0')
  const second = (item: string) => `#\\#CIF_2.0\n${whole.replace('data_x', `data_x\n${item}`)}`

  test.each([
    ['triple quotes', '_a """x\n_cell_length_a 99\ny"""'],
    ['triple apostrophes', "_a '''it's\n_cell_length_a 99'''"],
    ['lists', "_a [1 'two ]' [3\n4]]"],
    ['tables', '_a {"key":[1 2] \'b\':{"c":3}}'],
    ['a folded text', '_a\n;\\\nx\\\n_cell_length_a 99\n;'],
  ])('%s', (_, item) => {
    const parsed = read(second(item))
    expect(parsed.structure.lattice[0][0]).toBe(5)
    expect(parsed.warnings).toEqual([])
  })
  test('a folded value', () => {
    const folded = whole.replace("'P 1'", '\n;\\\nP\\\n -1\n;').replace('0 0 0', '.1 .2 .3')
    expect(read(folded).structure.frac).toHaveLength(2)
  })
  test.each(['_a """never', '_a [1 2', '_a {"x":1'])(
    '%j that is never closed is refused with its line',
    (item) => expect(refused(second(item))).toMatch(/line 3: .* never closed/),
  )
  test('a text field that is never closed does not swallow the next block', () => {
    const entries = all(`${whole}_x\n;open\n${whole.replace('data_x', 'data_y')}_z\n;\ntext\n;\n`)
    expect(
      entries.map((entry) => ('error' in entry ? (entry.error as ParseError).line : entry.structure.name)),
    ).toEqual([17, 'y'])
  })
  test('numbers that run together name their line', () => {
    expect(refused(whole.replace('Na1 Na 0 0 0', 'Na1 Na 0.25-0.125 0'))).toMatch(
      /line 15: the loop of atom sites/,
    )
    expect(refused(whole.replace('Na1 Na 0 0 0', 'Na1 Na 0.250.5 0 0'))).toMatch(
      /line 15: .*"0\.250\.5" is not a number/,
    )
    expect(refused(whole.replace('length_a 5', 'length_a 5.05.0'))).toMatch(
      /line 3: .*"5\.05\.0" is not a number/,
    )
  })
  test('a text before the first block is passed over, with a warning', () => {
    const parsed = read(`CRYSTAL STRUCTURE, don't panic\n\n${whole}`)
    expect(content(parsed)).toEqual({ Na: 1 })
    expect(parsed.warnings.join()).toMatch(/text before the first data block/)
  })
})

describe('how JSON gathers structures', () => {
  const one = { lattice: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], frac: [[0, 0, 0]], numbers: [11] } // biome-ignore format: one line
  test.each([
    ['a list under a name', { structures: [one, one] }],
    ['entries', { entries: [{ structure: one, energy: 1 }, { structure: one }], metadata: {} }],
    [
      'a table',
      {
        index: [0, 1],
        columns: ['structure', 'e'],
        data: [
          [one, 1],
          [one, 2],
        ],
      },
    ],
    ['ids', { 'mp-1': one, 'mp-2': { structure: one } }],
    ['ids of ids', { 'mp-1': { a: { structure: one, e: 1 } }, 'mp-2': { b: { structure: one } } }],
    ['a column of ids', { structure: { 0: one, 1: one }, e: { 0: 1, 1: 2 } }],
    ['lists of lists under ids', { train: [one], val: [{ structure: one }] }],
    [
      'texts',
      [
        { cif: cif(`${P1}\n${cubic(4)}`, 'Na1 Na 0 0 0') },
        { structure: 'Na\n1\n4 0 0\n0 4 0\n0 0 4\nNa\n1\nDirect\n0 0 0' },
      ],
    ],
  ])('%s', (_, value) => {
    const entries = all(JSON.stringify(value))
    expect(entries.map((entry) => ('error' in entry ? entry.error.message : content(entry)))).toEqual([
      { Na: 1 },
      { Na: 1 },
    ])
  })
  test('headers of OPTIMADE lines are no structures; a broken record among ids is one error', () => {
    const lines = [{ 'x-optimade': { meta: {} } }, { type: 'info', id: 'structures' }, one]
    expect(all(lines.map((line) => JSON.stringify(line)).join('\n'), 'a.jsonl')).toHaveLength(1)
    const map = all(JSON.stringify({ a: one, b: { structure: {} }, c: one }))
    expect(map.map((entry) => 'error' in entry)).toEqual([false, true, false])
  })
})
