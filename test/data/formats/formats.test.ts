// Every form of data file gives the same crystals, and says where and why a record is bad.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { loadDataset, type ReadOptions } from '../../../src/data/dataset.ts'
import { datasetFormat } from '../../../src/data/formats/open.ts'
import type { LabelledCrystal } from '../../../src/data/labelled.ts'
import { DatasetError, LimitError } from '../../../src/errors.ts'
import { cif, jarvisAtoms, pymatgen, quoted, workshop } from './forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

const CSV = [
  'material_id,formation_energy_per_atom,band_gap,pretty_formula,elements,cif,spacegroup.number',
  `mp-1,-2.5,5.4,CsCl,"['Cs', 'Cl']",${quoted(cif(4.12))},221`,
  `mp-2,,5.1,CsCl,"['Cs', 'Cl']",${quoted(cif(4.2))},221`,
  `mp-3,-2.25,na,CsCl,"['Cs', 'Cl']",${quoted(cif(4.3))},221`,
].join('\n')

function expectCaesiumChloride({ structure }: LabelledCrystal, a: number): void {
  expect(structure.species.map(([{ element }]) => element)).toEqual([55, 17])
  structure.lattice.forEach((row, m) => {
    row.forEach((x, k) => {
      expect(x).toBeCloseTo(m === k ? a : 0, 9)
    })
  })
  expect(structure.frac.map((row) => row.map((x) => x % 1))).toEqual([
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ])
}

/** As a spreadsheet saves it where the comma is that of numbers: quoted text stays as it is. */
function separatedBy(separator: string): string {
  return CSV.replaceAll(/"(?:[^"]|"")*"|,|(?<=,)-?\d+\.\d+(?=,)/g, (part) =>
    part === ',' ? separator : part.startsWith('"') ? part : part.replace('.', ','),
  )
}

describe('CSV with CIF', () => {
  it.each([
    ['set.csv', Buffer.from(CSV)],
    ['set.csv.gz', gzipSync(CSV)],
    ['set.zip', zipSync({ 'a folder/readme.txt': strToU8('x'), 'train.csv': strToU8(CSV) })],
    ['semicolons.csv', Buffer.from(separatedBy(';'))],
    ['tabs.csv', Buffer.from(separatedBy('\t'))],
    ['said.csv', Buffer.from(`sep=;\r\n${separatedBy(';')}`)],
    ['windows.csv', Buffer.from(`\uFEFF${CSV.replaceAll('\n', '\r\n')}\r\n`)],
  ])('reads %s: id, structure, and every column of numbers as a target', async (name, content) => {
    const path = file(name, content)
    expect(await datasetFormat(path)).toBe('csv')
    const crystals = await loadDataset(path)
    expect(crystals.map(({ id }) => id)).toEqual(['mp-1', 'mp-2', 'mp-3'])
    for (const [c, a] of [4.12, 4.2, 4.3].entries()) expectCaesiumChloride(crystals[c], a)
    expect(crystals.map(({ targets }) => ({ ...targets }))).toEqual([
      { formation_energy_per_atom: -2.5, band_gap: 5.4, 'spacegroup.number': 221 },
      { band_gap: 5.1, 'spacegroup.number': 221 },
      { formation_energy_per_atom: -2.25, 'spacegroup.number': 221 },
    ])
  })

  it('selects by target; takes the split column; other columns by name', async () => {
    expect(await loadDataset(file('target.csv', CSV), { target: 'band_gap' })).toHaveLength(2)
    const split = `split,crystal,key,y\ntrain,${quoted(cif())},a,1\nvalid,${quoted(cif())},b,2\n`
    const crystals = await loadDataset(file('split.csv', split), {
      structureField: 'crystal',
      idField: 'key',
    })
    expect(crystals.map(({ id, split, targets }) => [id, split, targets.y])).toEqual([
      ['a', 'train', 1],
      ['b', 'val', 2],
    ])
  })

  it('counts where no column is an id', async () => {
    const crystals = await loadDataset(
      file('nameless.csv', `,cif,y\n0,${quoted(cif())},1\n1,${quoted(cif())},2`),
    )
    expect(crystals.map(({ id, targets }) => [id, Object.keys(targets)])).toEqual([
      ['1', ['y']],
      ['2', ['y']],
    ])
  })

  const row = (id: string, text: string) => `${id},${quoted(text)},1`
  it.each<[string, string, RegExp, ReadOptions?]>([
    ['no structures', 'id,y\na,1\n', /line 1: no column structure, atoms, cif.*columns are: id, y/],
    ['a column of that name twice', 'id,cif,y,y\n', /line 1: two columns are named "y"/],
    [
      'a broken CIF',
      `id,cif,y\n${row('a', cif())}\n${row('b', 'data_x\n')}`,
      /record 2 \(line 28\): .*line 1: /,
    ],
    [
      'a short row',
      `id,cif,y\n${row('a', cif())}\nb,${quoted(cif())}`,
      /record 2 .*: 2 cells, the header names 3/,
    ],
    ['an id twice', `id,cif,y\n${row('a', cif())}\n${row('a', cif())}`, /record 2 .*"a" stands on record 1/],
    ['an odd quote', 'id,cif,y\na,b"c,1\n', /line 2: not CSV/],
    [
      'a target that is no number',
      `id,cif,y\na,${quoted(cif())},high`,
      /target "y" is "high"/,
      { target: 'y' },
    ],
    ['an unknown split', `id,cif,split\na,${quoted(cif())},dev`, /"split" is "dev", expected one of train/],
    [
      'no such id column',
      `id,cif,y\n${row('a', cif())}`,
      /no field "key"; fields are: id, cif, y/,
      { idField: 'key' },
    ],
    [
      'several structures in a cell',
      `id,cif,y\n${row('a', cif() + cif())}`,
      /holds 2 structures, expected one/,
    ],
  ])('refuses %s', async (name, content, message, options) => {
    const reading = loadDataset(file(`${name}.csv`, content), options)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toThrow(DatasetError)
  })

  it('bounds a row that an open quote makes of the whole file', async () => {
    const path = file('open.csv', `id,cif,y\na,"${'x'.repeat(5000)}`)
    await expect(loadDataset(path, { limits: { lineBytes: 1000 } })).rejects.toThrow(LimitError)
  })

  it('keeps names such as __proto__ as plain targets', async () => {
    const [{ targets }] = await loadDataset(
      file('proto.csv', `cif,__proto__,constructor\n${quoted(cif())},1,2`),
    )
    expect(Object.entries(targets)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ])
    expect(({} as Record<string, unknown>).y).toBeUndefined()
  })
})

describe('JSON documents', () => {
  const megnet = [4.12, 4.2].map((a, i) => ({
    material_id: `mvc-${i}`,
    structure: cif(a),
    graph: { atom: [55, 17], bond: [[0, 0, 1]] },
    formation_energy_per_atom: i - 2,
    band_gap: i,
    elasticity: null,
  }))
  const jarvis = [4.12, 4.2].map((a, i) => ({
    jid: `JVASP-${i}`,
    spg_symbol: 'Pm-3m',
    formation_energy_peratom: -1.5,
    mbj_bandgap: i === 0 ? 'na' : 5.5,
    atoms: jarvisAtoms(a),
  }))
  const entries = [4.12, 4.2].map((a, i) => ({
    mp_id: `mp-${i}`,
    structure: pymatgen(a),
    e_form: i - 2,
    ok: i > 0,
  }))

  it.each<[string, string, string[], object[]]>([
    [
      'megnet.json',
      JSON.stringify(megnet),
      ['mvc-0', 'mvc-1'],
      [
        { formation_energy_per_atom: -2, band_gap: 0 },
        { formation_energy_per_atom: -1, band_gap: 1 },
      ],
    ],
    [
      'jarvis.json',
      JSON.stringify(jarvis, null, 1),
      ['JVASP-0', 'JVASP-1'],
      [{ formation_energy_peratom: -1.5 }, { formation_energy_peratom: -1.5, mbj_bandgap: 5.5 }],
    ],
    [
      'entries.json',
      JSON.stringify({ version: 3, structures: entries }),
      ['mp-0', 'mp-1'],
      [
        { e_form: -2, ok: 0 },
        { e_form: -1, ok: 1 },
      ],
    ],
    [
      'by-id.json',
      JSON.stringify(
        { a: { structure: pymatgen(4.12), y: 1 }, b: { structure: pymatgen(4.2), y: 2 } },
        null,
        2,
      ),
      ['a', 'b'],
      [{ y: 1 }, { y: 2 }],
    ],
    [
      'matbench.json',
      JSON.stringify({
        index: [0, 1],
        columns: ['structure', 'gap pbe'],
        data: [
          [pymatgen(4.12), 0.5],
          [pymatgen(4.2), 1.5],
        ],
      }),
      ['1', '2'],
      [{ 'gap pbe': 0.5 }, { 'gap pbe': 1.5 }],
    ],
    [
      'bare.json',
      JSON.stringify([
        { ...pymatgen(4.12), id: 'a', energy: 2 },
        { ...pymatgen(4.2), id: 'b' },
      ]),
      ['a', 'b'],
      [{ energy: 2 }, {}],
    ],
    [
      'records.jsonl',
      jarvis.map((record) => JSON.stringify(record)).join('\n'),
      ['JVASP-0', 'JVASP-1'],
      [{ formation_energy_peratom: -1.5 }, { formation_energy_peratom: -1.5, mbj_bandgap: 5.5 }],
    ],
  ])('reads %s', async (name, content, ids, targets) => {
    for (const path of [file(name, content), file(`${name}.gz`, gzipSync(content))]) {
      expect(await datasetFormat(path)).toBe(name.endsWith('jsonl') ? 'json-lines' : 'json')
      const crystals = await loadDataset(path)
      expect(crystals.map(({ id }) => id)).toEqual(ids)
      expect(crystals.map((crystal) => ({ ...crystal.targets }))).toEqual(targets)
      for (const [c, a] of [4.12, 4.2].entries()) expectCaesiumChloride(crystals[c], a)
    }
  })

  it('takes the NaN that Python writes for a missing number', async () => {
    const content = JSON.stringify([{ ...entries[0], e_form: 'X' }, entries[1]]).replace('"X"', 'NaN')
    const crystals = await loadDataset(file('nan.json', content))
    expect(crystals.map(({ targets }) => targets.e_form)).toEqual([undefined, -1])
  })

  it.each<[string, string, RegExp, ReadOptions?]>([
    [
      'a bad record',
      JSON.stringify([megnet[0], { id: 'x' }], null, 1),
      /record 2 \(line \d+\): line \d+: no structure/,
    ],
    [
      'an unknown element',
      JSON.stringify([jarvis[0]]).replace('"Cs"', '"Xx"'),
      /record 1 .*elements\[0\]: "Xx" is no/,
    ],
    ['a cut file', JSON.stringify(megnet).slice(0, -30), /is cut off; copy or download it again/],
    ['text after the end', `${JSON.stringify(megnet)}]`, /more text after the end/],
    [
      'a field that is not there',
      JSON.stringify(megnet),
      /no field "s"; fields are: mater/,
      { structureField: 's' },
    ],
    ['deep nesting', `[{"structure": ${'['.repeat(300)}${']'.repeat(300)}}]`, /nested deeper than 200/],
    [
      'a row of other length',
      '{"columns":["structure","y"],"data":[[1]]}',
      /1 cells, the table has 2 columns/,
    ],
    ['nothing', '[]', /holds no crystals/],
  ])('refuses %s', async (name, content, message, options) => {
    await expect(loadDataset(file(`${name}.json`, content), options)).rejects.toThrow(message)
  })
})

describe('folder with a table', () => {
  it('reads id_prop.csv without a header, files with and without their ending', async () => {
    file('cgcnn/id_prop.csv', '1001,-0.5\nnested/b.cif,1.5\n')
    file('cgcnn/1001.cif', cif(4.12))
    file('cgcnn/nested/b.cif', cif(4.2))
    const crystals = await loadDataset(join(folder, 'cgcnn'))
    expect(crystals.map(({ id, targets }) => [id, { ...targets }])).toEqual([
      ['1001', { target: -0.5 }],
      ['nested/b', { target: 1.5 }],
    ])
    expectCaesiumChloride(crystals[1], 4.2)
    const chosen = await loadDataset(join(folder, 'cgcnn'), { target: 'e_form' })
    expect(chosen.map(({ targets }) => targets.e_form)).toEqual([-0.5, 1.5])
  })

  it('reads a table with a header, several targets and a split', async () => {
    file('many/targets.csv', 'file,e_form,gap,split\na.json,-1,,train\nb.cif,-2,3,test\n')
    file('many/a.json', JSON.stringify(pymatgen(4.12)))
    file('many/b.cif', cif(4.2))
    const crystals = await loadDataset(join(folder, 'many'))
    expect(crystals.map(({ id, split, targets }) => [id, split, { ...targets }])).toEqual([
      ['a', 'train', { e_form: -1 }],
      ['b', 'test', { e_form: -2, gap: 3 }],
    ])
  })

  it.each([
    ['a file that is not there', 'x.cif,1\n', /line 1 of the table, x.cif: no file x.cif/],
    ['a way out of the folder', '../forms.cif,1\n', /"..\/forms.cif" is no file of the folder/],
    ['an absolute path', '/etc/passwd,1\n', /"\/etc\/passwd" is no file of the folder/],
    ['a row of other length', 'a.cif,1\na.cif,1,2\n', /line 2 .*3 cells, the first row has 2/],
  ])('refuses %s', async (name, table, message) => {
    file(`${name}/id_prop.csv`, table)
    file(`${name}/a.cif`, cif())
    await expect(loadDataset(join(folder, name))).rejects.toThrow(message)
  })
})

describe('--primitive', () => {
  it('reduces cells and keeps targets', async () => {
    // Rock salt in its cubic cell of 8 atoms has a primitive cell of 2.
    const frac = [0, 0.5].flatMap((o) => [
      [o, 0, 0],
      [o, 0.5, 0.5],
      [0.5 + o, 0, 0.5],
      [0.5 + o, 0.5, 0],
    ])
    const crystal = {
      id: 'salt',
      lattice: [
        [5.64, 0, 0],
        [0, 5.64, 0],
        [0, 0, 5.64],
      ],
      frac,
      numbers: [11, 11, 11, 11, 17, 17, 17, 17],
      targets: { e_form: -2.1 },
    }
    const [read] = await loadDataset(file('salt.jsonl', JSON.stringify(crystal)), { primitive: true })
    expect(read.structure.frac).toHaveLength(2)
    expect(read.targets.e_form).toBe(-2.1)
  })
})
