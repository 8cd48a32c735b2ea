// Nothing is reinterpreted in silence: what a file leaves open of its sites ends as an element, as disorder, as a warning that
// says what was assumed, or as a refusal. Contents are counted by hand.

import { describe, expect, test } from 'vitest'
import { cif, content, cubic, P1, read, refused } from './left-open.ts'

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
