// The table of data set forms: a form is one object and one row.

import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { structure } from '../../../src/crystal/structure.ts'
import { openRecords } from '../../../src/data/formats/open.ts'
import type { DatasetForm } from '../../../src/data/formats/record.ts'
import { FORMS, listOfForms } from '../../../src/data/formats/table.ts'
import { labelledCrystal } from '../../../src/data/labelled.ts'
import { workshop } from './forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

/** Cubes of one element: "a=3.35 z=84 gap=0". */
const cubes: DatasetForm<'cubes'> = {
  name: 'cubes',
  title: 'lines of cubes',
  found: { endings: ['.cubes'], detect: (head) => head.startsWith('a=') },
  async *read(path) {
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    for (const [n, line] of lines.entries()) {
      yield {
        place: `line ${n + 1}`,
        bytesRead: 0,
        fileBytes: 0,
        read() {
          const [a, z, gap] = line.split(' ').map((part) => Number(part.split('=')[1]))
          const lattice = [0, 1, 2].map((m) => [0, 1, 2].map((k) => (k === m ? a : 0)))
          return labelledCrystal({
            id: String(n),
            structure: structure({ lattice, frac: [[0, 0, 0]], species: [z] }),
            targets: [['gap', gap]],
          })
        },
      }
    }
  },
}

describe('a form that is added by a row', () => {
  const forms = [...FORMS, cubes]

  it.each(['set.cubes', 'set.cubes.gz.txt'])('is told by name or content: %s', async (name) => {
    const path = file(name, 'a=3.35 z=84 gap=0.5\na=4 z=3 gap=1\n')
    const crystals = []
    for await (const record of openRecords(path, { targets: [] }, forms)) crystals.push(await record.read())
    expect(crystals.map(({ structure: s, targets }) => [s.species[0][0].element, targets.gap])).toEqual([
      [84, 0.5],
      [3, 1],
    ])
  })

  it('stands in the list of help texts', () => {
    expect(listOfForms(forms)).toMatch(/, or lines of cubes$/)
  })
})

it('no file begins as two forms do', () => {
  const heads = [
    '[{"id": 1}]',
    '{"frac": []}\n',
    '{"columns": [\n',
    '{"columns": []}',
    'id,cif\n',
    'nothing known',
  ]
  const found = heads.map((head) =>
    FORMS.filter((form) => form.found !== 'folder' && form.found.detect(head)).map(({ name }) => name),
  )
  expect(found).toEqual([['json'], ['json-lines'], ['json'], ['json'], ['csv'], []])
})

it('docs/data.md names all of them', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/data.md', import.meta.url)), 'utf8')
  for (const { title } of FORMS) expect(text).toContain(`| [${title}](#`)
})
