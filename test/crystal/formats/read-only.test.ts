// Formats that are only read: one crystal that ASE wrote in each, what each says in ways of its own, and what is refused.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { latticeParameters, volume } from '../../../src/crystal/cell.ts'
import { formula } from '../../../src/crystal/formula.ts'
import { type ParsedStructure, readEntries } from '../../../src/crystal/read.ts'
import { writeStructure } from '../../../src/crystal/write.ts'
import { ConfigError } from '../../../src/errors.ts'

const folder = fileURLToPath(new URL('../../fixtures/formats/', import.meta.url))
const bytesOf = (name: string) => readFileSync(folder + name)
const all = (input: string | Uint8Array, file?: string) =>
  [...readEntries(input, { file })] as ParsedStructure[]
const refusal = (text: string, file?: string) => {
  const [entry] = [...readEntries(text, { file })]
  return 'error' in entry ? entry.error.message : 'was read'
}

/** The cell and the fractions that the files were written from. */
const CELL = [4.1, 0, 0, -0.7, 5.2, 0, 0.9, -1.1, 6.3]
const FRAC = [[0.1, 0.2, 0.3], [1 / 3, 2 / 3, 0.9], [0.75, 0.5, 0]] // biome-ignore format: one line
/** Decimals that the coarsest of these files has. */
const WRITTEN = 2e-3

function expectCrystal({ structure }: ParsedStructure, scale = 1): void {
  expect(formula(structure)).toBe('Na1 Ti1 O1')
  expect(structure.species.map(([{ element }]) => element)).toEqual([22, 8, 11])
  const wanted = [CELL.slice(0, 3), CELL.slice(3, 6), CELL.slice(6)].map((row) => row.map((x) => x * scale))
  const [found, expected] = [structure.lattice, wanted].map((lattice) => latticeParameters(lattice as never))
  for (let i = 0; i < 6; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(WRITTEN * 3)
  for (const [i, row] of FRAC.entries()) {
    for (let k = 0; k < 3; k++) {
      const apart = structure.frac[i][k] - row[k]
      expect(Math.abs(apart - Math.round(apart))).toBeLessThan(WRITTEN)
    }
  }
}

test.each([
  ['XDATCAR', 'xdatcar', 2],
  ['vasprun.xml', 'vasprun', 2],
  ['OUTCAR', 'outcar', 2],
  ['one.xsf', 'xsf', 1],
  ['geometry.in', 'aims', 1],
  ['one.cell', 'castep', 1],
  ['one.pwi', 'espresso', 1],
  ['one.lmp', 'lammps', 1],
  ['one.pdb', 'pdb', 1],
  ['one.res', 'shelx', 1],
  ['two.traj', 'traj', 2],
  ['ase.json', 'ase', 2],
])('%s is %s of %i frames, by its name and by what it holds', (name, format, frames) => {
  for (const file of [name, undefined]) {
    const parsed = all(bytesOf(name), file)
    expect(parsed.map((entry) => entry.format)).toEqual(new Array(frames).fill(format))
    expectCrystal(parsed[0])
    if (frames === 2) expectCrystal(parsed[1], 1.02)
  }
})

test('a database of ASE, whose records go over pages', () => {
  const parsed = all(gunzipSync(bytesOf('two.db.gz')), 'two.db')
  expect(parsed).toHaveLength(42)
  expectCrystal(parsed[0])
  expectCrystal(parsed[1], 1.02)
  for (const { structure } of parsed.slice(2)) expect(formula(structure)).toBe('Na8 Ti8 O8')
})

test('frames of an XSF animation, and files that are cut off', () => {
  const animation = bytesOf('anim.xsf').toString()
  expect(all(animation, 'a.axsf')).toHaveLength(2)
  const cut = bytesOf('vasprun.xml').toString().split('</calculation>')[0]
  const [parsed, ...more] = all(cut)
  expect(more).toEqual([])
  expect(parsed.warnings.join()).toMatch(/cut off/)
  const xdatcar = bytesOf('XDATCAR').toString().split('\n').slice(0, -3).join('\n')
  const entries = [...readEntries(xdatcar, { file: 'XDATCAR' })]
  expect(entries.map((entry) => 'error' in entry)).toEqual([false, true])
})

test('nothing is written in them', () => {
  const [{ structure }] = all(bytesOf('one.xsf'))
  expect(() => writeStructure(structure, 'xsf')).toThrow(ConfigError)
  expect(() => writeStructure(structure, 'xsf')).toThrow(/XSF is only read, expected one of cif, poscar/)
})

describe('Quantum ESPRESSO', () => {
  const input = (system: string, cards = 'ATOMIC_POSITIONS crystal\nNa 0 1/2 0.25') =>
    `&control\n/\n&system\n${system}\nnat=1, ntyp=1\n/\n${cards}\n`
  const read = (text: string) => all(text)[0].structure
  const A = 8 * 0.529177210903

  // Volumes in a³ and the lengths of the vectors in a, of the textbook lattices.
  const root = Math.SQRT1_2
  test.each([
    [1, '', 1, [1, 1, 1]],
    [2, '', 1 / 4, [root, root, root]],
    [3, '', 1 / 2, [0.75, 0.75, 0.75].map(Math.sqrt)],
    [-3, '', 1 / 2, [0.75, 0.75, 0.75].map(Math.sqrt)],
    [4, 'celldm(3)=1.6', 1.6 * Math.sqrt(0.75), [1, 1, 1.6]],
    [5, 'celldm(4)=0.3', Math.sqrt(1 - 3 * 0.09 + 2 * 0.027), [1, 1, 1]],
    [-5, 'celldm(4)=0.3', Math.sqrt(1 - 3 * 0.09 + 2 * 0.027), [1, 1, 1]],
    [6, 'celldm(3)=1.6', 1.6, [1, 1, 1.6]],
    [7, 'celldm(3)=1.6', 0.8, [1.14, 1.14, 1.14].map(Math.sqrt)],
    [8, 'celldm(2)=1.2, celldm(3)=1.6', 1.92, [1, 1.2, 1.6]],
    [9, 'celldm(2)=1.2, celldm(3)=1.6', 0.96, [Math.sqrt(0.61), Math.sqrt(0.61), 1.6]],
    [-9, 'celldm(2)=1.2, celldm(3)=1.6', 0.96, [Math.sqrt(0.61), Math.sqrt(0.61), 1.6]],
    [91, 'celldm(2)=1.2, celldm(3)=1.6', 0.96, [1, 1, 1]],
    [10, 'celldm(2)=1.2, celldm(3)=1.6', 0.48, [0.89, 0.61, 1].map(Math.sqrt)],
    [11, 'celldm(2)=1.2, celldm(3)=1.6', 0.96, [1.25, 1.25, 1.25].map(Math.sqrt)],
    [12, 'celldm(2)=1.2, celldm(3)=1.6, celldm(4)=0.2', 1.92 * Math.sqrt(0.96), [1, 1.2, 1.6]],
    [-12, 'celldm(2)=1.2, celldm(3)=1.6, celldm(5)=0.2', 1.92 * Math.sqrt(0.96), [1, 1.2, 1.6]],
    [
      13,
      'celldm(2)=1.2, celldm(3)=1.6, celldm(4)=0.2',
      0.96 * Math.sqrt(0.96),
      [Math.sqrt(0.89), 1.2, Math.sqrt(0.89)],
    ],
    [
      -13,
      'celldm(2)=1.2, celldm(3)=1.6, celldm(5)=0.2',
      0.96 * Math.sqrt(0.96),
      [Math.sqrt(0.61), Math.sqrt(0.61), 1.6],
    ],
    [
      14,
      'celldm(2)=1.2, celldm(3)=1.6, celldm(4)=.1, celldm(5)=.2, celldm(6)=.3',
      1.92 * Math.sqrt(1 - 0.14 + 0.012),
      [1, 1.2, 1.6],
    ],
  ])('ibrav %i with %j', (ibrav, more, ratio, lengths) => {
    const { lattice } = read(input(`ibrav=${ibrav}, celldm(1)=8.0d0, ${more}`))
    expect(volume(lattice) / A ** 3).toBeCloseTo(ratio, 9)
    const found = latticeParameters(lattice).slice(0, 3)
    for (const [i, length] of lengths.entries()) expect(found[i] / A).toBeCloseTo(length, 9)
  })
  test('A, B, C and cosines; units of the cell and of the atoms', () => {
    const abc = latticeParameters(
      read(input('ibrav=14, A=3, B=4, C=5, cosAB=0.1, cosAC=0.2, cosBC=0.3')).lattice,
    )
    for (const [i, x] of [3, 4, 5].entries()) expect(abc[i]).toBeCloseTo(x, 9)
    for (const [i, x] of [0.3, 0.2, 0.1].entries())
      expect(Math.cos((abc[3 + i] * Math.PI) / 180)).toBeCloseTo(x, 9)
    const cards = (cell: string, atoms: string) =>
      `CELL_PARAMETERS ${cell}\n4 0 0\n0 4 0\n0 0 4\nATOMIC_POSITIONS ${atoms}\nNa1 1 2 0.25`
    const bohr = read(input('ibrav=0', cards('bohr', '{bohr}')))
    expect(bohr.lattice[0][0]).toBeCloseTo(4 * 0.529177210903, 9)
    expect(bohr.frac[0][1]).toBeCloseTo(0.5, 9)
    expect(read(input('ibrav=0, A=2', cards('(alat)', 'angstrom'))).frac[0][0]).toBeCloseTo(1 / 8, 9)
    expect(read(input('ibrav=0, A=2', cards('alat', 'alat'))).frac[0][0]).toBeCloseTo(1 / 4, 9)
  })
  test.each([
    [input('ibrav=15, A=4'), /ibrav = 15 is not known/],
    [input('ibrav=4, A=4'), /celldm are missing/],
    [input('ibrav=1'), /ibrav = 1 without celldm or A/],
    [input('ibrav=0'), /no CELL_PARAMETERS/],
    [input('ibrav=1, A=4', 'ATOMIC_POSITIONS crystal_sg\nNa 0 0 0'), /ATOMIC_POSITIONS in "crystal_sg"/],
    [
      input('ibrav=1, A=4', 'ATOMIC_POSITIONS crystal\nK_POINTS gamma'),
      /line 8: 0 atoms before K_POINTS, nat is 1/,
    ],
  ])('%j is refused', (text, message) => expect(refusal(text)).toMatch(message))
})

describe('SHELX', () => {
  const res = (atoms: string, head = 'LATT 1') =>
    `TITL salt\nCELL 0.71073 5 6 7 90 90 90\nZERR 2 0 0 0 0 0 0\n${head}\nSFAC Na Cl\nUNIT 2 2\nFVAR 0.5 0.7\n${atoms}\nHKLF 4\nEND\n`
  const amounts = (text: string) => formula(all(text, 'a.res')[0].structure)

  test('occupancies count special positions, variables and parts', () => {
    expect(amounts(res('NA1 1 0 0 0 10.5 0.05\nCL1 2 .1 .2 .3 11.0 0.05'))).toBe('Na1 Cl2')
    expect(amounts(res('NA1 1 .1 .2 .3 21.0 0.05\nPART 2\nCL1 2 .4 .2 .3 -21.0 0.05'))).toBe('Na1.4 Cl0.6')
    expect(
      amounts(res('NA1 1 10.0 10.0 10.25 11.0 =\n  0.05 0.05\nQ1 1 .2 .2 .2 11 .05 1.5', 'LATT -7')),
    ).toBe('Na2')
    expect(amounts(res('NA1 1 .1 .2 .3 11.0', 'LATT -1\nSYMM -X, 0.5+Y, -Z'))).toBe('Na2')
  })
  test.each([
    [res('NA1 3 0 0 0 11'), /SFAC has no element 3/],
    [res('NA1 1 0 0 0 31'), /expected coordinates and occupancy/],
    [res('NA1 1 0 0 0 11', 'LATT 9'), /LATT 9 is not known/],
    [res(''), /no atoms/],
  ])('%j is refused', (text, message) => expect(refusal(text, 'a.res')).toMatch(message))
})

describe('PDB', () => {
  const atom = (x: string, occupancy = '1.00') =>
    `ATOM      1 NA   MOL     1    ${x.padStart(8)}   0.200   0.300${occupancy.padStart(6)}  0.00          NA`
  const cell = (group: string) => `CRYST1    5.000    6.000    7.000  90.00  90.00  90.00 ${group}`
  const sites = (text: string) => all(text, 'a.pdb').map(({ structure }) => structure.frac.length)

  test('the space group is applied, to every model', () => {
    expect(sites(`${cell('P 21 21 21')}\n${atom('0.100')}\nEND\n`)).toEqual([4])
    const models = `MODEL        1\n${atom('0.100')}\nENDMDL\nMODEL        2\n${atom('0.200')}\n${atom('3.000', '0.50')}\nENDMDL\n`
    expect(sites(`${cell('P 1')}\n${models}END\n`)).toEqual([1, 2])
  })
  test('the matrix SCALE', () => {
    const scale = [
      '0.000000  0.200000  0.000000',
      '0.166667  0.000000  0.000000',
      '0.000000  0.000000  0.142857',
    ]
      .map((row, i) => `SCALE${i + 1}      ${row}        0.00000`)
      .join('\n')
    const [{ structure }] = all(`${cell('P 1')}\n${scale}\n${atom('3.000')}\n`, 'a.pdb')
    expect(structure.frac[0].map((x) => Number(x.toFixed(3)))).toEqual([0.04, 0.5, 0.043])
  })
  test.each([
    [`${atom('0.100')}\n`, /no CRYST1/],
    [
      `CRYST1    1.000    1.000    1.000  90.00  90.00  90.00 P 1\n${atom('0.1')}\n`,
      /a cell of 1 Å stands for none/,
    ],
    [`${cell('Q 7')}\n${atom('0.100')}\n`, /space group "Q 7" is not known/],
    [`${cell('P 1')}\n${atom('x')}\n`, /line 2: expected coordinates/],
  ])('%j is refused', (text, message) => expect(refusal(text, 'a.pdb')).toMatch(message))
})

describe('others', () => {
  const lammps = bytesOf('one.lmp').toString()
  const castep = bytesOf('one.cell').toString()

  test('LAMMPS: elements by masses, styles, free vectors', () => {
    const plain = all(lammps.replaceAll(/# (Na|O|Ti)$/gm, ''), 'a.lmp')[0]
    expectCrystal(plain)
    expect(plain.warnings.join()).toMatch(/elements by their masses: type 1 is Na, 2 is O, 3 is Ti/)
    const full = lammps
      .replace('# atomic', '# full')
      .replace(/^( +\d)( +\d)( +[\d.]+ +[\d.]+ +[\d.]+)$/gm, '$1 1$2 0.5$3')
    expectCrystal(all(full, 'a.lmp')[0])
    const vectors = '4.1 0 0 avec\n-0.7 5.2 0 bvec\n0.9 -1.1 6.3 cvec\n0 0 0 abc origin'
    expectCrystal(all(lammps.replace(/^0\.0 .*xlo[\s\S]*xy xz yz$/m, vectors), 'a.lmp')[0])
    expect(refusal(lammps.replace('22.989769274086012 # Na', '99.99'), 'a.lmp')).toMatch(/that of no element/)
    expect(refusal(lammps.replace('# atomic', '# hybrid'), 'a.lmp')).toMatch(/name the style/)
  })
  test('CASTEP: units, lengths and angles, mixtures', () => {
    expectCrystal(all(castep.replace('LATTICE_CART\n', 'LATTICE_CART\nang\n'), 'a.cell')[0])
    const mixed =
      '%block lattice_abc\nnm\n.4 .4 .4\n90 90 90\n%endblock lattice_abc\n%block positions_frac\n' +
      'Si:1 0 0 0 MIXTURE:( 1 0.75)\nAl 0 0 0 MIXTURE=(1 0.25) ! shared\n%endblock positions_frac\n'
    const [{ structure }] = all(mixed)
    expect([formula(structure), volume(structure.lattice).toFixed(6)]).toEqual(['Al0.25 Si0.75', '64.000000'])
    expect(refusal(castep.replace('LATTICE_CART\n', 'LATTICE_CART\nfurlong\n'), 'a.cell')).toMatch(
      /no unit of length/,
    )
    expect(refusal(castep.replace(/%ENDBLOCK POS.*/, ''), 'a.cell')).toMatch(/never closed/)
  })
  test('what is not periodic is refused, in part warned about', () => {
    expect(refusal('MOLECULE\nATOMS\n1 0 0 0\n')).toMatch(/not periodic/)
    const slab = bytesOf('one.xsf').toString().replace('CRYSTAL', 'SLAB')
    expect(all(slab, 'a.xsf')[0].warnings.join()).toMatch(/SLAB is taken as periodic/)
    expect(refusal('atom 0 0 0 Na\nlattice_vector 4 0 0\n')).toMatch(/1 lattice_vector lines, expected 3/)
    const molecule = { numbers: [1], positions: [[0, 0, 0]], cell: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], pbc: [false, false, false] } // biome-ignore format: one line
    expect(refusal(JSON.stringify(molecule))).toMatch(/not periodic/)
  })
})
