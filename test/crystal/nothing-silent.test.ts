// Nothing is reinterpreted in silence: what a file leaves open ends as an element, as disorder, as a warning that says
// what was assumed, or as a refusal. Contents are counted by hand.

import { describe, expect, test } from 'vitest'
import { volume } from '../../src/crystal/cell.ts'
import { symbolOf } from '../../src/crystal/elements.ts'
import { composition } from '../../src/crystal/formula.ts'
import { type ParsedStructure, readEntries } from '../../src/crystal/read.ts'
import type { ParseError } from '../../src/errors.ts'

const P1 = "_space_group_name_H-M_alt 'P 1'"
const cubic = (a: number) =>
  ['a', 'b', 'c'].map((axis) => `_cell_length_${axis} ${a}`).join('\n') +
  ['alpha', 'beta', 'gamma'].map((angle) => `\n_cell_angle_${angle} 90`).join('')

/** A CIF with atoms of these columns behind label. */
function cif(head: string, rows: string, columns = 'type_symbol fract_x fract_y fract_z'): string {
  const tags = ['label', ...columns.split(' ')].map((column) => `_atom_site_${column}`)
  return `data_x\n${head}\nloop_\n${tags.join('\n')}\n${rows}\n`
}

const all = (text: string, file?: string) => [...readEntries(text, { file })]
const read = (text: string, file?: string) => all(text, file)[0] as ParsedStructure
const refused = (text: string, file?: string) => {
  const [entry] = all(text, file)
  expect('error' in entry).toBe(true)
  return 'error' in entry ? entry.error.message : ''
}
const content = ({ structure }: ParsedStructure) =>
  Object.fromEntries([...composition(structure)].map(([z, n]) => [symbolOf(z), Number(n.toFixed(4))]))

describe('type symbols of several elements', () => {
  const typed = (type: string, occupancy = '1') =>
    cif(
      `${P1}\n${cubic(5)}`,
      `M1 '${type}' 0 0 0 ${occupancy}\nO1 O .5 .5 .5 1`,
      'type_symbol fract_x fract_y fract_z occupancy',
    )

  test.each([
    ['0.75Si + 0.25Al', { Si: 0.75, Al: 0.25 }],
    ['0.75 Si/0.25 Al', { Si: 0.75, Al: 0.25 }],
    ['0.75*Si,0.25*Al', { Si: 0.75, Al: 0.25 }],
    ['75%Si 25%Al', { Si: 0.75, Al: 0.25 }],
    ['Si0.75Al0.25', { Si: 0.75, Al: 0.25 }],
    ['(Si.75Al.25)', { Si: 0.75, Al: 0.25 }],
    ['Si4+0.75Al3+0.25', { Si: 0.75, Al: 0.25 }],
    ['Si:0.75, Al:0.25', { Si: 0.75, Al: 0.25 }],
    ['Si(0.75) Al(0.25)', { Si: 0.75, Al: 0.25 }],
    ['(Fe0.5Co0.3Ni0.2)', { Fe: 0.5, Co: 0.3, Ni: 0.2 }],
    ['Fe0.9Vac0.1', { Fe: 0.9 }],
    ['0.6Na', { Na: 0.6 }],
    ['Na0.6', { Na: 0.6 }],
  ])('%s is disorder', (type, shares) => expect(content(read(typed(type)))).toEqual({ ...shares, O: 1 }))

  test('shares of the site, or of its occupancy', () => {
    expect(content(read(typed('(Zn0.645Fe0.345)', '0.99')))).toEqual({ Zn: 0.645, Fe: 0.345, O: 1 })
    expect(content(read(typed('Zn0.5Fe0.5', '0.8')))).toEqual({ Zn: 0.4, Fe: 0.4, O: 1 })
    expect(refused(typed('Zn0.5Fe0.2', '0.9'))).toMatch(
      /line 16: shares that add up to 0\.700 on a site of occupancy 0\.9/,
    )
  })

  test.each([
    'Al/Si',
    'Fe,Co,Ni',
    'Al Si',
    'Fe+Co',
    'Si4+/Al3+',
    '(Fe,Mg)',
    '[Fe;Mg]',
    'Fe|Mg',
    'FeNi',
    'Fe2O3',
  ])('%s is refused', (type) =>
    expect(refused(typed(type))).toMatch(/line 16: .* names several elements; give their shares/),
  )

  test('so are labels, and symbols in other formats', () => {
    expect(refused(cif(`${P1}\n${cubic(5)}`, 'Al/Si1 0 0 0', 'fract_x fract_y fract_z'))).toMatch(
      /names several/,
    )
    expect(refused('x\n1\n4 0 0\n0 4 0\n0 0 4\nAl/Si\n1\nDirect\n0 0 0\n', 'POSCAR')).toMatch(
      /"Al\/Si" is no element/,
    )
    const frame = '1\nLattice="4 0 0 0 4 0 0 0 4"\nFe,Co 0 0 0\n'
    expect(refused(frame, 'a.xyz')).toMatch(/"Fe,Co" is no element/)
    const jarvis = { lattice_mat: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], coords: [[0, 0, 0]], elements: ['Fe0.5'] } // biome-ignore format: one line
    expect(refused(JSON.stringify(jarvis))).toMatch(/"Fe0\.5" is no element/)
  })

  test.each([
    ['OH', 'O'],
    ['OW', 'O'],
    ['H2O', 'O'],
    ['NH4', 'N'],
    ['SiT', 'Si'],
    ['Cu(I)', 'Cu'],
    ['Fe2+', 'Fe'],
  ])('%s is one element', (type, element) =>
    expect(content(read(typed(type)))).toEqual(element === 'O' ? { O: 2 } : { [element]: 1, O: 1 }),
  )
})

describe('labels without a type', () => {
  const labelled = (label: string, formula = '') =>
    cif(
      `${P1}\n${cubic(8)}\n${formula && `_chemical_formula_sum '${formula}'`}`,
      `${label} 0 0 0\nO2 .2 0 0`,
      'fract_x fract_y fract_z',
    )

  test.each(['T1', 'T', 'Ts1', 'M1', 'X1'])('%s is refused', (label) =>
    expect(refused(labelled(label))).toMatch(/stands for no element/),
  )
  test('T is tritium where the formula has it, and else in a type symbol only, with a warning', () => {
    expect(content(read(labelled('T1', 'T O')))).toEqual({ H: 1, O: 1 })
    expect(refused(labelled('T1', 'Si O2'))).toMatch(/stands for no element/)
    const typed = read(cif(`${P1}\n${cubic(8)}`, 'T1 T 0 0 0'))
    expect(typed.warnings.join()).toMatch(/"T" is taken as H/)
  })
  test.each([
    ['Og1', 'Si O2', 'O'],
    ['Cn1', 'C O', 'C'],
    ['Nh1', 'N O', 'N'],
    ['Og1', '', 'O'],
    ['Cn2', '', 'C'],
  ])('%s in %j is %s, with a warning', (label, formula, element) => {
    const parsed = read(labelled(label, formula))
    expect(parsed.warnings.join()).toMatch(`"${label}" is taken as ${element}`)
    expect(content(parsed)[element]).toBe(element === 'O' ? 2 : 1)
  })
})

describe('occupancies on one site', () => {
  const lattice = [[4, 0, 0], [0, 4, 0], [0, 0, 4]] // biome-ignore format: one line
  const formats: Record<string, (a: number, b: number) => string> = {
    plain: (a, b) => JSON.stringify({ lattice, frac: [[0, 0, 0]], species: [{ Na: a, K: b }] }),
    'data set': (a, b) =>
      JSON.stringify({
        lattice,
        frac: [[0, 0, 0]],
        species: [
          [
            { element: 11, occupancy: a },
            { element: 19, occupancy: b },
          ],
        ],
      }),
    pymatgen: (a, b) =>
      JSON.stringify({
        lattice: { matrix: lattice },
        sites: [
          {
            species: [
              { element: 'Na', occu: a },
              { element: 'K', occu: b },
            ],
            abc: [0, 0, 0],
          },
        ],
      }),
    OPTIMADE: (a, b) =>
      JSON.stringify({
        attributes: {
          lattice_vectors: lattice,
          cartesian_site_positions: [[0, 0, 0]],
          species_at_sites: ['M'],
          species: [{ name: 'M', chemical_symbols: ['Na', 'K'], concentration: [a, b] }],
        },
      }),
    CIF: (a, b) =>
      cif(
        `${P1}\n${cubic(4)}`,
        `Na1 Na 0 0 0 ${a}\nK1 K 0 0 0 ${b}`,
        'type_symbol fract_x fract_y fract_z occupancy',
      ),
  }
  test.each(Object.keys(formats))('%s', (name) => {
    expect(refused(formats[name](0.7, 0.7))).toMatch(/occupancies that add up to 1\.400, expected at most 1/)
    const scaled = read(formats[name](0.55, 0.55))
    expect(content(scaled)).toEqual({ Na: 0.5, K: 0.5 })
    expect(scaled.warnings.join()).toMatch(/add up to 1\.100; they are scaled to 1/)
    expect(read(formats[name](0.5, 0.5)).warnings).toEqual([])
  })
  test('one atom of occupancy 2', () => {
    const row = cif(`${P1}\n${cubic(4)}`, 'Na1 Na 0 0 0 2', 'type_symbol fract_x fract_y fract_z occupancy')
    expect(refused(row)).toMatch(/add up to 2\.000/)
  })
})

describe('periodicity', () => {
  const frame = (pbc: string) => `1\nLattice="4 0 0 0 4 0 0 0 4" pbc=${pbc}\nNa 0 0 0\n`
  const document = (pbc: unknown, dimensions?: unknown) =>
    JSON.stringify({
      attributes: {
        lattice_vectors: [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
        cartesian_site_positions: [[0, 0, 0]],
        species_at_sites: ['Na'],
        ...(pbc === undefined ? {} : { nperiodic_dimensions: pbc }),
        ...(dimensions === undefined ? {} : { dimension_types: dimensions }),
      },
    }) // biome-ignore format: short
  const pymatgen = (pbc: unknown) =>
    JSON.stringify({
      lattice: { matrix: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], pbc },
      sites: [{ species: [{ element: 'Na', occu: 1 }], abc: [0, 0, 0] }],
    }) // biome-ignore format: short

  test.each([
    ...['F', 'False', '"F F F"', '[F,F,F]', '"0 0 0"', 'FFF'].map(frame),
    document(0),
    document(undefined, [0, 0, 0]),
    pymatgen([false, false, false]),
  ])('none: %j', (text) => expect(refused(text)).toMatch(/not periodic, and only crystals/))

  test.each([
    ...['"T T F"', '[True,False,True]', '"1 1 0"', 'TTF'].map(frame),
    document(2),
    document(undefined, [1, 1, 0]),
    pymatgen([true, true, false]),
  ])('not in all directions: %j', (text) =>
    expect(read(text).warnings.join()).toMatch(/taken as periodic in all three directions/),
  )

  test.each([
    ...['T', '"T T T"', '[T, T, T]'].map(frame),
    document(3),
    document(undefined, [1, 1, 1]),
    pymatgen(true),
  ])('in all: %j', (text) => expect(read(text).warnings).toEqual([]))
  test.each(['"T T"', 'maybe'])('pbc=%s is none', (pbc) => expect(refused(frame(pbc))).toMatch(/line 2: pbc/))
})

describe('OPTIMADE', () => {
  const resource = (more: object) =>
    JSON.stringify({
      data: {
        id: 'x',
        type: 'structures',
        attributes: {
          lattice_vectors: [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
          cartesian_site_positions: [[0, 0, 0], [2, 2, 2], [2, 0, 0]],
          species_at_sites: ['Na', 'Cl', 'Cl'],
          ...more,
        },
      },
    }) // biome-ignore format: short
  const assemblies = (groups: number[][], group_probabilities: number[]) => ({
    assemblies: [{ sites_in_groups: groups, group_probabilities }],
  })

  test('assemblies are applied', () => {
    const parsed = read(resource(assemblies([[0], [1, 2]], [0.4, 0.6])))
    expect(content(parsed)).toEqual({ Na: 0.4, Cl: 1.2 })
    expect(parsed.warnings.join()).toMatch(/assemblies are taken as occupancies/)
    expect(content(read(resource(assemblies([[0], [1]], [1, 0]))))).toEqual({ Na: 1, Cl: 1 })
  })
  test.each([
    [assemblies([[0], [1]], [0.4, 0.4]), /1 in sum; found 2 groups with 0\.4, 0\.4/],
    [assemblies([[0], [1]], [1]), /a probability for each group/],
    [assemblies([[0], [7]], [0.5, 0.5]), /site 7 is not there/],
    [{ assemblies: [...assemblies([[0]], [1]).assemblies, ...assemblies([[0]], [1]).assemblies] }, /already/],
    [{ structure_features: ['assemblies'] }, /no field assemblies/],
    [{ species: [{ name: 'Na', chemical_symbols: ['Na', 'K'] }] }, /2 chemical symbols without/],
    [{ species_at_sites: ['Na'] }, /1 species_at_sites for 3 positions/],
  ])('%j is refused', (more, message) => expect(refused(resource(more))).toMatch(message))

  test('attached atoms are mentioned', () => {
    const species = [
      { name: 'Na', chemical_symbols: ['Na'], concentration: [1] },
      { name: 'Cl', chemical_symbols: ['Cl'], concentration: [1], attached: ['H'], nattached: [2] },
    ]
    expect(read(resource({ species })).warnings.join()).toMatch(
      /without positions, attached to "Cl", left out: H/,
    )
  })
})

describe('POSCAR', () => {
  const poscar = (title: string, names: string, rows: string) =>
    read(`${title}\n1\n4 0 0\n0 4 0\n0 0 4\n${names}1 1\n${rows}\n`, 'POSCAR')

  test('a title and labels that disagree name nothing', () => {
    const parsed = poscar('In P', '', 'Direct\n0 0 0 Ga\n.5 .5 .5 As')
    expect(parsed.placeholders).toBe(true)
    expect(parsed.warnings.join()).toMatch(/title says In P, but the atoms are labelled Ga As/)
    expect(content(poscar('In P', '', 'Direct\n0 0 0 In\n.5 .5 .5 P'))).toEqual({ In: 1, P: 1 })
  })
  test('named elements win over labels, with a warning', () => {
    const parsed = poscar('x', 'Na Cl\n', 'Direct\n0 0 0 K\n.5 .5 .5 Br')
    expect(content(parsed)).toEqual({ Na: 1, Cl: 1 })
    expect(parsed.warnings.join()).toMatch(/labelled K Br, but the elements are Na Cl, which are taken/)
    expect(poscar('x', 'Na Cl\n', 'Direct\n0 0 0 T T F\n.5 .5 .5 F F F').warnings).toEqual([])
  })
  test.each(['', '   ', 'Angstrom'])('mode %j is Direct, as VASP has it, with a warning', (mode) => {
    const parsed = poscar('x', 'Na Cl\n', `${mode}\n0 0 0\n.5 .5 .5`)
    expect(parsed.structure.frac[1]).toEqual([0.5, 0.5, 0.5])
    expect(parsed.warnings.join()).toMatch(/line 8: .* is taken as Direct/)
  })
})

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
    ['without a loop', `${XYZ} '-x,-y,-z'\n`, 1],
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
