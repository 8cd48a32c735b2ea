// Cells that are nearly numbers, or that stand for none, as spreadsheets of several languages and people write them.

import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { textFields } from '../../../src/data/check/find-text.ts'
import { loadDataset } from '../../../src/data/dataset.ts'
import { targetFaults } from '../../../src/data/learnable.ts'
import { cif, quoted, workshop } from '../formats/forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

/** What a table with these cells gives: numbers, and messages. */
async function read(cells: readonly string[], separator = ',') {
  const rows = cells.map((cell, i) => [`m${i}`, cell, quoted(cif(4 + i / 10))].join(separator))
  const table = [['id', 'y', 'cif'].join(separator), ...rows].join('\n')
  const texts = textFields()
  const crystals = await loadDataset(file('a.csv', table), { onText: texts.add })
  const numbers = crystals.flatMap(({ targets }) => targets.y ?? [])
  const targets = numbers.length > 0 ? [{ name: 'y', count: numbers.length }] : []
  return {
    numbers,
    messages: texts.findings(targets).map(({ message, cases }) => [message, cases[0].detail]),
  }
}

test.each([
  ['a thousands separator', '"1,234.5"', '"1,234.5"'],
  ['a point between thousands', '1.234.5', '"1.234.5"'],
  ['a sign of mathematics', '−1.5', '"−1.5"'],
  ['a limit', '<0.1', '"<0.1"'],
  ['a unit', '1.5 eV', '"1.5 eV"'],
])('%s among numbers is a problem', async (_, cell, detail) => {
  const { numbers, messages } = await read(['1.5', cell, cell, cell])
  expect(numbers).toEqual([1.5])
  expect(messages).toEqual([[expect.stringMatching('3 cells of the column "y" are no number'), detail]])
})

test('a word among numbers is a problem, a number among words is none', async () => {
  expect((await read(['1', '2', 'pending'])).messages).toEqual([
    [expect.stringMatching('1 cell of the column "y" is no number'), '"pending"'],
  ])
  expect((await read(['1', 'Pnma', 'Fd-3m'])).messages).toEqual([])
})

test('what spreadsheets write for no value is missing', async () => {
  expect(await read(['1', '#N/A', 'NaN', '-', ''])).toEqual({ numbers: [1], messages: [] })
})

test('numbers of programs are no labels', async () => {
  const { numbers } = await read(['1e1', '0x1f', '0b11', '0o7', '+.5', '5.'])
  expect(numbers).toEqual([10, 0.5, 5])
})

test('columns between bars', async () => {
  expect((await read(['1.5', '2'], '|')).numbers).toEqual([1.5, 2])
})

test('data in place of names of columns', async () => {
  const table = file('b.csv', `m0,1.5,${quoted(cif(4))}\nm1,2,${quoted(cif(5))}\n`)
  await expect(loadDataset(table)).rejects.toThrow(
    /columns are: m0, 1\.5, "[^"]{1,30}"…\. The first row has to/,
  )
})

test('a number that stands for no value is far from the others, 0 is not', () => {
  const values = Array.from({ length: 40 }, (_, i) => -2 + Math.sin(i))
  const with4 = (value: number) => values.map((y, i) => (i % 10 === 0 ? value : y))
  const [fault] = targetFaults('y', with4(-999), with4(-999))
  expect(fault.kind).toBe('far-out')
  expect(fault.values).toEqual([0, 10, 20, 30])
  expect(fault.message).toMatch(/is -999 a missing value\?/)
  expect(targetFaults('y', with4(0), with4(0))).toEqual([])
})
