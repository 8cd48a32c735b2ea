// The table of structure formats: a format is one object and one row, and every list of formats follows from the rows.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { detectFormat } from '../../../src/crystal/detect.ts'
import {
  type FileFormat,
  hasFiles,
  type JsonFormat,
  type StructureFormat,
} from '../../../src/crystal/formats/format.ts'
import { field, text, vectors } from '../../../src/crystal/formats/json.ts'
import { listOfFormats } from '../../../src/crystal/formats/known.ts'
import { attempt } from '../../../src/crystal/formats/reading.ts'
import { FORMATS, structureEndings } from '../../../src/crystal/formats/table.ts'
import { readEntries, readStructures } from '../../../src/crystal/read.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { writeStructure } from '../../../src/crystal/write.ts'
import { ConfigError, type CrystalOnnxError, ParseError } from '../../../src/errors.ts'
import type { Mat3 } from '../../../src/math/vectors.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const cubic = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
]

/** A simple cubic crystal of one element: "cube 3.35 84". */
const cube: FileFormat<'cube'> = {
  name: 'cube',
  title: 'one-line cubes',
  endings: ['.cube1'],
  detect: (text) => text.startsWith('cube '),
  *read(text, context) {
    for (const [n, line] of text.trim().split('\n').entries()) {
      yield attempt(context, n + 1, () => {
        const [, a, element] = line.split(' ').map(Number)
        return { structure: structure({ lattice: cubic(a), frac: [[0, 0, 0]], species: [element] }) }
      })
    }
  },
  write: (s) => `cube ${s.lattice[0][0]} ${s.species[0][0].element}\n`,
}

/** The same as a kind of JSON. */
const boxed: JsonFormat<'boxed'> = {
  name: 'boxed',
  title: 'boxes',
  fields: 'box, element',
  matches: (node) => field(node, 'box').value !== undefined,
  structureOf: (node) => ({
    structure: structure({
      lattice: vectors(field(node, 'box'), 'box', 3) as unknown as Mat3,
      frac: [[0, 0, 0]],
      species: [Number(text(field(node, 'element')))],
    }),
  }),
  write: (s) => JSON.stringify({ box: s.lattice, element: String(s.species[0][0].element) }),
}

const formats = [...FORMATS, cube, boxed]
const polonium: Structure = structure({ lattice: cubic(3.35), frac: [[0, 0, 0]], species: [84] })

describe('a format that is added by a row', () => {
  test('is told by name and content, read and written', () => {
    expect(detectFormat('', 'a/Po.CUBE1', formats)).toBe('cube')
    expect(detectFormat('cube 3 1', undefined, formats)).toBe('cube')
    for (const name of ['cube', 'boxed']) {
      const [found] = readStructures(writeStructure(polonium, name, formats), { formats })
      expect(found.format).toBe(name)
      expect(found.structure.lattice).toEqual(polonium.lattice)
      expect(found.structure.species).toEqual(polonium.species)
    }
    expect(readStructures('cube 3 1\ncube 4 2\n', { formats, file: 'two.cube1' })).toHaveLength(2)
  })

  test('stands in the lists of help texts, errors and folders', () => {
    expect(listOfFormats(formats)).toMatch(/one-line cubes, and JSON of .* or boxes$/)
    expect(structureEndings(formats)).toContain('.cube1')
    const [unknown] = [...readEntries('what is this', { formats })] as { error: CrystalOnnxError }[]
    expect(unknown.error.message).toContain(listOfFormats(formats))
    expect(() => readStructures('{"hello": "world"}', { formats })).toThrow(/boxes \(box, element\)/)
    expect(() => readStructures('{"hello": "world"}')).toThrow(ParseError)
  })

  test('is none without its row', () => {
    expect(() => writeStructure(polonium, 'cube')).toThrow(ConfigError)
    expect(() => writeStructure(polonium, 'cube')).toThrow(
      /"cube" is not known, expected one of cif, xdatcar/,
    )
    const [entry] = [...readEntries('cube 3 1', { format: 'cube' })] as { error: CrystalOnnxError }[]
    expect(entry.error.code).toBe('CONFIG')
  })
})

test('no name ends as two formats do, and no text looks like two', () => {
  expect(new Set(structureEndings()).size).toBe(structureEndings().length)
  const texts = [
    'data_x\n_cell_length_a 1\n',
    '\n {"cif": "\\ndata_x"}',
    '[\n"\ndata_x\n"]',
    'title\n1.0\n1 0 0\n0 1 0\n0 0 1\nH\n1\n',
    '3\npbc= 1\nH 0 0 0\nH 0 0 1\nH 0 0 2\n',
  ]
  const known: readonly StructureFormat[] = FORMATS
  const files = known.filter(hasFiles)
  const found = texts.map((text) => files.filter(({ detect }) => detect(text)))
  expect(found.map((formats) => formats.map(({ name }) => name))).toEqual([
    ['cif'],
    ['json'],
    ['json'],
    ['poscar'],
    ['extxyz'],
  ])
})

describe('the formats are listed once', () => {
  test('documents name all of them', () => {
    const documents = ['README.md', 'docs/page.md', 'docs/architecture.md']
    for (const document of documents) {
      const missing = FORMATS.filter(({ title }) => !read(document).includes(title))
      expect(missing.map(({ title }) => `${document}: ${title}`)).toEqual([])
    }
  })

  test('no text of the program does so by hand', () => {
    const title = `(?:${[...FORMATS.map(({ title }) => title), 'extXYZ'].join('|')})`
    const listing = new RegExp(`\\b${title}, ${title}\\b`)
    const sources = ['src', 'runtimes', 'web'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:ts|html)$/.test(name) && !/dist|generated/.test(name))
        .map((name) => join(folder, name)),
    )
    const byHand = sources.filter((file) => listing.test(read(file).replace(/^ *(?:\/\/|\/?\*).*$/gm, '')))
    expect(byHand).toEqual([])
  })
})
