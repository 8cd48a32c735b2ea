// Elements cut from streamed JSON documents, against JSON.parse of the whole document.

import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { jsonElements } from '../../../src/data/formats/json-elements.ts'
import { DatasetError, LimitError } from '../../../src/errors.ts'
import { random } from '../../../src/math/random/xoshiro.ts'
import { workshop } from './forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

async function elements(text: string, limits = {}) {
  const found: [key: string | undefined, value: unknown][] = []
  for await (const { key, text: element } of jsonElements(file('document.json', text), limits)) {
    found.push([key, JSON.parse(element)])
  }
  return found
}

/** A JSON value with everything that makes cutting hard, some of them larger than a chunk of the stream. */
function value(dice: ReturnType<typeof random>, depth: number): unknown {
  const strings = ['', '"', '\\', '\\"]}', 'é…𝄞', '{[', '\n', 'x'.repeat(40_000), 'a,b:c']
  switch (depth === 0 ? dice.integer(4) : dice.integer(6)) {
    case 0:
      return dice.pick(strings)
    case 1:
      return dice.between(-1e9, 1e9)
    case 2:
      return dice.integer(1000)
    case 3:
      return dice.pick([null, true, false])
    case 4:
      return Array.from({ length: dice.integer(5) }, () => value(dice, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: dice.integer(5) }, (_, i) => [
          `${dice.pick(strings)}${i}`,
          value(dice, depth - 1),
        ]),
      )
  }
}

describe('jsonElements', () => {
  it('cuts random arrays and objects as JSON.parse reads them, compact and indented', async () => {
    const dice = random(7)
    for (let trial = 0; trial < 30; trial++) {
      const list = Array.from({ length: 1 + dice.integer(40) }, () => value(dice, 3))
      const text = JSON.stringify(list, null, trial % 3)
      expect(await elements(text)).toEqual(list.map((element) => [undefined, element]))
      const object = Object.fromEntries(list.map((element, i) => [`k"${i}`, element]))
      const expected = Object.entries(object).flatMap(([key, element]): [string, unknown][] =>
        Array.isArray(element) ? element.map((inner) => [key, inner]) : [[key, element]],
      )
      expect(await elements(JSON.stringify(object, null, trial % 3))).toEqual(expected)
    }
  })

  it('says on which line an element starts', async () => {
    const lines: number[] = []
    const path = file('lines.json', '[\n  {"a":\n 1},\n\n  {"b": 2}, {}\n]\n')
    for await (const { line } of jsonElements(path)) lines.push(line)
    expect(lines).toEqual([2, 5, 5])
  })

  it.each([
    ['', /is empty/],
    ['hello', /line 1: no JSON array or object/],
    ['[1, 2', /cut off/],
    ['{"a": {"b": [', /cut off/],
    ['[1] [2]', /line 1: more text after the end/],
    ['{1: 2}', /is no JSON key/],
  ])('refuses %j', async (text, message) => {
    await expect(elements(text)).rejects.toThrow(message)
  })

  it('bounds an element, and the whole', async () => {
    const text = JSON.stringify([1, 'x'.repeat(5000)])
    await expect(elements(text, { lineBytes: 1000 })).rejects.toThrow(LimitError)
    await expect(elements(text, { totalBytes: 1000 })).rejects.toThrow(LimitError)
    await expect(elements('[1', {})).rejects.toThrow(DatasetError)
  })
})
