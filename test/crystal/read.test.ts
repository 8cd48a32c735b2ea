// What all formats share: finding the format, bounds, files, overlaps, writing and reading back, and damaged input.

import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { latticeFromParameters, latticeParameters, nearSquare, volume } from '../../src/crystal/cell.ts'
import { detectFormat } from '../../src/crystal/detect.ts'
import { readFileEntries, readStructureFile } from '../../src/crystal/file.ts'
import { FORMATS, type Format } from '../../src/crystal/formats/table.ts'
import { formula, reducedFormula } from '../../src/crystal/formula.ts'
import { readEntries, readStructures } from '../../src/crystal/read.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import { CrystalOnnxError, ParseError, StructureError } from '../../src/errors.ts'
import type { Vec3 } from '../../src/math/vectors.ts'

const folders = ['../../examples/structures', '../fixtures/structures'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .map((name) => join(folder, name)),
)
const scratch = mkdtempSync(join(tmpdir(), 'crystal-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe('the examples', () => {
  test.each([
    ['NaCl.cif', ['Na4 Cl4'], [5.6402 ** 3]],
    ['TiO2-rutile.cif', ['Ti2 O4'], [4.5937 ** 2 * 2.9587]],
    ['ZnO-wurtzite.cif', ['Zn2 O2'], [3.2495 ** 2 * Math.sqrt(0.75) * 5.2069]],
    ['MgO.vasp', ['Mg4 O4'], [4.2112 ** 3]],
    ['POSCAR-CaF2', ['Ca1 F2'], [5.4626 ** 3 / 4]],
    ['alkali-halides.extxyz', ['K1 Cl1', 'Cs1 Cl1'], [6.293 ** 3 / 4, 4.123 ** 3]],
    ['SrTiO3.json', ['Sr1 Ti1 O3'], [3.905 ** 3]],
    ['ZnS-sphalerite.json', ['Zn1 S1'], [5.4094 ** 3 / 4]],
    ['disordered.cif', ['Mg6.4 Fe1.6 Si4 O16', 'Fe3.788 O4'], [4.7631 * 10.2272 * 5.9944, 4.3 ** 3]],
    ['POSCAR-vasp4', ['Ba1 Ti1 O3'], [3.9945 ** 2 * 4.0335]],
    ['optimade.json', ['Ca1 O0.75', 'Po1'], [4.8 ** 3 / 4, 27]],
    ['lines.jsonl', ['Li1 F1', 'Li0.9 F1'], [4.027 ** 3 / 4, 4.027 ** 3 / 4]],
  ])('%s holds %j', async (name, formulas, volumes) => {
    const parsed = await readStructureFile(files.find((path) => path.endsWith(name))!)
    expect(parsed.map((p) => formula(p.structure))).toEqual(formulas)
    for (const [i, p] of parsed.entries()) {
      expect(volume(p.structure.lattice) / volumes[i]).toBeCloseTo(1, 10)
      expect(p.placeholders).toBeUndefined()
      if (name !== 'disordered.cif') expect(p.warnings).toEqual([])
    }
  })

  test('wurtzite from rounded coordinates has its four equal bonds', () => {
    const [{ structure: s }] = readStructures(readFileSync(join(folders[0], 'ZnO-wurtzite.cif')))
    const square = nearSquare(s.lattice)
    const bonds = s.frac
      .filter((_, i) => s.species[i][0].element === 8)
      .map((o) => Math.sqrt(square(o[0] - s.frac[0][0], o[1] - s.frac[0][1], o[2] - s.frac[0][2])))
      .sort()
    // c·u along the axis, and √(a²/3 + c²(1/2 − u)²) across it.
    const across = Math.sqrt(3.2495 ** 2 / 3 + (5.2069 * (0.5 - 0.3821)) ** 2)
    expect(bonds[0]).toBeCloseTo(across, 6)
    expect(bonds[1]).toBeCloseTo(5.2069 * 0.3821, 6)
  })
})

describe('finding the format', () => {
  test.each([
    ['a/b/NaCl.CIF', '', 'cif'],
    ['x.mcif', '', 'cif'],
    ['POSCAR', '', 'poscar'],
    ['run1/CONTCAR.gz.relaxed', '', 'poscar'],
    ['cubic__POSCAR-197', '', 'poscar'],
    ['x.vasp', '', 'poscar'],
    ['x.xyz', '', 'extxyz'],
    ['x.jsonl', '', 'json'],
    ['x.txt', '\n[{"lattice": 1}]', 'json'],
    [undefined, '# comment\n\ndata_x\n', 'cif'],
    [undefined, '2\nLattice="1 0 0 0 1 0 0 0 1"\n', 'extxyz'],
    [undefined, 'title\n1.0\n1 0 0\n0 1 0\n0 0 1\nH\n1\n', 'poscar'],
    ['POSCARS.tar', 'nothing known', undefined],
    [undefined, '3\nwater\nO 0 0 0\n', undefined],
  ] as const)('%s', (file, text, format) => expect(detectFormat(text, file)).toBe(format))

  test('a format that is named is taken', () => {
    const text = readFileSync(join(folders[0], 'MgO.vasp'), 'utf8')
    expect(readStructures(text, { file: 'x.cif', format: 'poscar' })).toHaveLength(1)
  })
})

describe('bounds', () => {
  const code = (entries: Iterable<unknown>) =>
    [...entries].map((e) => (e as { error?: CrystalOnnxError }).error?.code)

  test.each([
    ['', {}, 'PARSE', /the file is empty/],
    [' \n\n', {}, 'PARSE', /the file is empty/],
    ['data_\0', {}, 'PARSE', /binary/],
    ['what is this', {}, 'PARSE', /format is not recognised/],
    ['data_x', { maxBytes: 5 }, 'LIMIT', /0\.0 MiB/],
  ])('%j with %j', (text, options, expected, message) => {
    const [entry] = [...readEntries(text, { file: 'x', ...options })]
    const { error } = entry as { error: CrystalOnnxError }
    expect(error.code).toBe(expected)
    expect(error.message).toMatch(message)
  })

  test('atoms after symmetry', () => {
    const text = readFileSync(join(folders[0], 'NaCl.cif'))
    expect(code(readEntries(text, { file: 'x.cif', maxSites: 7 }))).toEqual(['LIMIT'])
    expect(code(readEntries(text, { file: 'x.cif', maxSites: 8 }))).toEqual([undefined])
    for (const name of ['MgO.vasp', 'alkali-halides.extxyz', 'SrTiO3.json']) {
      const bytes = readFileSync(join(folders[0], name))
      expect(code(readEntries(bytes, { file: name, maxSites: 1 }))[0]).toBe('LIMIT')
    }
  })

  test('a large file is refused before it is read', async () => {
    const path = join(scratch, 'large.cif')
    writeFileSync(path, 'data_x')
    // A sparse file: it has the size, but no blocks on disk.
    truncateSync(path, 200 * 2 ** 20)
    await expect(readStructureFile(path)).rejects.toMatchObject({ code: 'LIMIT' })
    expect(code(await readFileEntries(path))).toEqual(['LIMIT'])
  })

  test('what is no file', async () => {
    await expect(readStructureFile(join(scratch, 'absent.cif'))).rejects.toThrow(/absent\.cif: no such file/)
    expect(code(await readFileEntries(scratch))).toEqual(['PARSE'])
  })

  test('UTF-16, as some editors save', () => {
    const text = readFileSync(join(folders[0], 'NaCl.cif'), 'utf8')
    const bytes = new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'))
    expect(readStructures(bytes, { file: 'x.cif' })).toHaveLength(1)
  })
})

test('overlapping sites are warned about, unless they are not occupied together', () => {
  const cell = latticeFromParameters([4, 4, 4, 90, 90, 90])
  const pair = (occupancy: number) => {
    const species = [[{ element: 1, occupancy }], [{ element: 1, occupancy }]]
    return writeStructure(structure({ lattice: cell, frac: [[0, 0, 0], [0, 0, 0.95]], species }), 'json') // biome-ignore format: one line
  }
  expect(readStructures(pair(1))[0].warnings.join()).toMatch(/sites 1 and 2 are closer than 0\.5 Å/)
  expect(readStructures(pair(0.5))[0].warnings).toEqual([])
})

describe('writing and reading back', () => {
  const oblique = structure({
    lattice: [
      [3.1, 0.2, -0.1],
      [-0.7, 4.2, 0.3],
      [0.9, -1.1, 5.3],
    ],
    frac: [
      [0.1, 0.2, 0.3],
      [1 / 3, 2 / 3, 0.999999],
      [-0.25, 1.5, 0],
    ],
    species: [22, 8, 22],
    name: 'oblique cell',
  })
  const disordered = structure({
    ...oblique,
    species: [
      [
        { element: 11, occupancy: 0.7 },
        { element: 19, occupancy: 0.2 },
      ],
      17,
      [{ element: 9, occupancy: 0.5 }],
    ],
  })
  const formats = FORMATS.flatMap((format) => ('write' in format ? [format.name] : []))
  /** Fractional coordinates and Å; POSCAR has 16 digits, Cartesian formats go through an inverse. */
  const WRITTEN = 1e-12

  const same = (found: Structure, wanted: Structure, format: Format) => {
    const [f, w] = [latticeParameters(found.lattice), latticeParameters(wanted.lattice)]
    // CIF keeps lengths and angles, the others keep the vectors.
    for (let i = 0; i < 6; i++) expect(Math.abs(f[i] / w[i] - 1)).toBeLessThan(WRITTEN)
    if (format !== 'cif') {
      const flat = wanted.lattice.flat()
      for (const [i, x] of found.lattice.flat().entries()) expect(Math.abs(x - flat[i])).toBeLessThan(WRITTEN)
    }
    expect(found.species).toEqual(wanted.species)
    for (const [i, row] of wanted.frac.entries()) {
      for (let k = 0; k < 3; k++) expect(Math.abs(found.frac[i][k] - row[k])).toBeLessThan(WRITTEN)
    }
  }

  test.each(formats)('%s', (format) => {
    const [parsed] = readStructures(writeStructure(oblique, format), {
      format: format === 'json' ? undefined : format,
    })
    expect(parsed.format).toBe(format)
    same(parsed.structure, oblique, format)
    expect(parsed.structure.name?.replace('_', ' ')).toBe('oblique cell')
  })

  test.each(['cif', 'pymatgen', 'optimade', 'json'] as const)('%s, disordered', (format) => {
    const [parsed] = readStructures(writeStructure(disordered, format))
    same(parsed.structure, disordered, format)
  })

  test.each(['poscar', 'extxyz', 'jarvis'] as const)('%s cannot hold disorder', (format) => {
    expect(() => writeStructure(disordered, format)).toThrow(StructureError)
  })

  test('every example in every format that can hold it', () => {
    for (const file of files) {
      for (const { structure: s } of readStructures(readFileSync(file), { file })) {
        const ordered = !/[.]/.test(formula(s))
        for (const format of ordered ? formats : (['cif', 'json'] as const)) {
          const [{ structure: again }] = readStructures(writeStructure(s, format))
          expect(reducedFormula(again)).toBe(reducedFormula(s))
          expect(volume(again.lattice) / volume(s.lattice)).toBeCloseTo(1, 9)
        }
      }
    }
  })
})

describe('damaged input', () => {
  /** Uniform in [0, 1), the same in every run (mulberry32). */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  test.each(files.map((file) => [file.split(/[/\\]/).at(-1)!, file]))('%s', (_, file) => {
    const next = random(20240507)
    const whole = readFileSync(file)
    const anyOf = (n: number) => Math.floor(next() * n)
    for (let i = 0; i < 400; i++) {
      const bytes = Uint8Array.from(whole)
      const damage = i % 4
      if (damage === 0) for (let k = 0; k < 3; k++) bytes[anyOf(bytes.length)] = anyOf(256)
      else if (damage === 1) bytes.copyWithin(anyOf(bytes.length), anyOf(bytes.length), anyOf(bytes.length))
      const printable = '0123456789.-+eE \n;\'"_[]{},:/xyz()#'
      if (damage === 2) {
        for (let k = 0; k < 4; k++) bytes[anyOf(bytes.length)] = printable.charCodeAt(anyOf(printable.length))
      }
      const input = damage === 3 ? bytes.subarray(0, anyOf(bytes.length)) : bytes
      for (const entry of readEntries(input, { file: next() < 0.5 ? file : undefined, maxSites: 2000 })) {
        if ('error' in entry) {
          expect(entry.error).toBeInstanceOf(CrystalOnnxError)
          if (entry.error instanceof ParseError) expect(entry.error.line).toBeGreaterThan(0)
        } else for (const x of entry.structure.frac.flat()) expect(Number.isFinite(x)).toBe(true)
      }
    }
  })

  test('long words and long lines take no long time', () => {
    // Patterns that backtrack would need hours for these.
    const long = '1'.repeat(200_000)
    const cif = `data_x\n_cell_length_a ${long}\n_atom_site_fract_x ${long}\n`
    const xyz = `1\nLattice="${'1 '.repeat(100_000)} a=${'='.repeat(50_000)}'${'{'.repeat(50_000)}\nH 0 0 0\n`
    const poscar = `${'Ab'.repeat(100_000)}\n1\n1 0 0\n0 1 0\n0 0 1\n${'H '.repeat(50_000)}\n1\nDirect\n0 0 0\n`
    const symbol = `data_x\n_cell_length_a 1\n_space_group_name_H-M_alt '${'P 2 '.repeat(50_000)}'\n`
    for (const [format, text] of [
      ['cif', cif],
      ['extxyz', xyz],
      ['poscar', poscar],
      ['cif', symbol],
    ] as const) {
      expect([...readEntries(text, { format })].every((e) => 'error' in e)).toBe(true)
    }
  })
})

test('only file.ts needs Node: the rest runs in browsers', () => {
  const folder = fileURLToPath(new URL('../../src/crystal', import.meta.url))
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  expect(sources.length).toBeGreaterThan(20)
  const node = sources.filter((name) =>
    /(?:from|import\() ?'(?:node:|.*file\.ts)/.test(readFileSync(join(folder, name), 'utf8')),
  )
  expect(node).toEqual(['file.ts'])
})

test('an error that is not ours is not hidden', () => {
  const broken = { file: 'x.json', maxSites: { valueOf: () => { throw new TypeError('bug') } } as unknown as number } // biome-ignore format: one line
  expect(() => [
    ...readEntries('[{"lattice": [[1,0,0],[0,1,0],[0,0,1]], "frac": [[0,0,0]], "numbers": [1]}]', broken),
  ]).toThrow(TypeError)
  expect(new ParseError('x').code).toBe('PARSE')
})

test('vectors are not shared with the caller', () => {
  const row: Vec3 = [0, 0, 0]
  const s = structure({ lattice: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], frac: [row], species: [1] }) // biome-ignore format: one line
  expect(Object.isFrozen(s.frac[0])).toBe(true)
  expect(s.frac[0]).not.toBe(row)
})
