// `hull` as a script sees it: energies of a data set or of a model, references, the report, exit codes.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cli, example, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const MODEL = fileURLToPath(new URL('../../web/public/models/ionic-crystalformer.onnx', import.meta.url))

/** A data set of cells with these elements and energies; where the atoms are makes no difference. */
function dataset(
  name: string,
  rows: readonly (readonly [id: string, numbers: readonly number[], e: number | null])[],
) {
  const file = join(folder, name)
  const lines = rows.map(([id, numbers, e]) =>
    JSON.stringify({
      ...{ id, numbers, targets: { e } },
      lattice: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      frac: numbers.map((_, n) => [n / numbers.length, 0, 0]),
    }),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

describe('hull', () => {
  it('puts energies of a data set on the hull of it, the references and the elements', async () => {
    const asked = dataset('asked.jsonl', [
      ['a', [11, 17, 17, 17], -0.9],
      ['unknown', [11, 17], null],
      ['b', [11, 11, 17], -1.2],
    ])
    const references = dataset('references.jsonl', [
      ['NaCl', [11, 17], -2],
      ['KCl', [19, 17], -2.2],
    ])
    const report = join(folder, 'hull.html')
    const ran = await cli('hull', asked, '--target', 'e', '--references', references, '-o', report, '--json')
    expect(ran.code).toBe(0)
    expect(ran.stderr).toContain('1 crystals without e are left out')
    // By atoms: NaCl3 is half NaCl at −2 and half Cl at 0; Na2Cl is two thirds NaCl.
    expect(ran.lines).toEqual([
      {
        ...{
          file: asked,
          index: 0,
          formula: 'NaCl3',
          e_form: -0.9,
          e_hull: expect.closeTo(0.1, 9),
          stable: false,
        },
        decomposition: [
          { formula: expect.stringMatching(/^(NaCl|Cl)$/), amount: expect.closeTo(0.5, 9) },
          { formula: expect.stringMatching(/^(NaCl|Cl)$/), amount: expect.closeTo(0.5, 9) },
        ],
      },
      {
        ...{
          file: asked,
          index: 2,
          formula: 'Na2Cl',
          e_form: -1.2,
          e_hull: expect.closeTo(2 / 15, 9),
          stable: false,
        },
        decomposition: [
          { formula: 'NaCl', amount: expect.closeTo(2 / 3, 9) },
          { formula: 'Na', amount: expect.closeTo(1 / 3, 9) },
        ],
      },
    ])
    expect(readFileSync(report, 'utf8')).toContain('Stable: Na, Cl, NaCl.')
    const alone = await cli('hull', asked, '--target', 'e')
    expect(alone.stdout).toMatch(/NaCl3 .* 0\.0000 .*stable/)
  })

  it('takes energies of a model, and reports what has none', async () => {
    const broken = join(folder, 'broken.cif')
    writeFileSync(broken, 'data_x\n')
    const files = [example('NaCl.cif'), broken, example('alkali-halides.extxyz')]
    const [ran, predicted] = [
      await cli('hull', ...files, '--model', MODEL, '--json'),
      await cli('predict', ...files, '--model', MODEL, '--json'),
    ]
    expect(ran.code).toBe(3)
    const value = new Map(predicted.lines.map(({ file, index, value }) => [`${file} ${index}`, value?.[0]]))
    const found = ran.lines.filter(({ error }) => error === undefined)
    expect(found.length).toBeGreaterThan(2)
    for (const { file, index, e_form, e_hull, stable } of found) {
      expect(e_form).toBeCloseTo(value.get(`${file} ${index}`), 5)
      expect(e_hull === 0).toBe(stable)
    }
    // Two files of NaCl: one of them is as low as it gets.
    const salts = found
      .filter(({ formula }) => formula === 'NaCl')
      .map(({ e_form, e_hull }) => e_form - e_hull)
    for (const hull of salts)
      expect(hull).toBeCloseTo(
        Math.min(...found.filter(({ formula }) => formula === 'NaCl').map(({ e_form }) => e_form)),
        6,
      )
    expect(ran.lines.find(({ error }) => error)).toMatchObject({ file: broken, error: { code: 'PARSE' } })
  })

  it('says which targets there are', async () => {
    const set = dataset('set.jsonl', [['a', [11, 17], -2]])
    const wrong = await cli('hull', set, '--target', 'gap')
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('its targets are: e')])
  })
})
