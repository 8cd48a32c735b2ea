// What CONTRIBUTING.md says is so: every file that a recipe lists is there, and no other file of the code knows its
// example. test/integration/recipes.test.ts walks recipes backwards.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import config from '../vitest.config.ts'
import { imports, root, sources } from './imports.ts'
import { recipes } from './recipes.ts'

const CODE = ['src', 'models', 'exporters', 'runtimes', 'web']

/** Files whose text has the example as a word. */
const naming = (example: string, ...folders: string[]) =>
  folders
    .flatMap(sources)
    .filter((file) => new RegExp(`\\b${example}\\b`).test(readFileSync(join(root, file), 'utf8')))

/** Files that import something of a folder. */
const importing = (folder: string, ...folders: string[]) =>
  folders.flatMap(sources).filter((file) => imports(file).some((target) => target.startsWith(`${folder}/`)))

/** The files that know the example of a recipe. */
const KNOWING: Readonly<Record<string, (example: string) => string[]>> = {
  'Add a lowering': (kernel) => [...naming(kernel, 'exporters', 'test/exporters'), 'docs/coverage.md'],
  // What stands in front of a finished graph (exporters/triton) is written as a file has it, with any operator of ONNX.
  'Add an ONNX operator': (operator) => [
    ...naming(operator, 'exporters/onnx', 'exporters/crystal', 'test/exporters'),
    'docs/coverage.md',
  ],
  'Add a network': (name) => [
    ...importing(`models/${name}`, ...CODE),
    ...sources(`models/${name}`),
    ...sources(`test/models/${name}`),
    'test/layering.test.ts',
  ],
  'Add a format of structure files': (name) => [
    `src/crystal/formats/${name}.ts`,
    ...naming(name, 'src/crystal'),
    `test/crystal/${name}.test.ts`,
  ],
  'Add an integration test': (name) => [`test/integration/${name}.test.ts`],
}

describe('recipes', () => {
  it('are these', () => {
    expect(recipes().map(({ title }) => title)).toEqual(Object.keys(KNOWING))
  })

  it.each(recipes())('$title: the files that are listed, and no others', ({ title, example, files }) => {
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
    expect([...files].sort()).toEqual([...new Set(KNOWING[title](example))].sort())
  })
})

it('every integration test is run, and none of them by npm test', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const ci = readFileSync(join(root, '.ci/run'), 'utf8')
  expect(scripts.test).toMatch(/vitest run --project=!integration$/)
  expect(scripts['test:integration']).toBe('vitest run --project integration')
  expect(ci).toMatch(/^npm test$/m)
  expect(ci).toMatch(/^npm run test:integration$/m)
  const projects = config.test!.projects as {
    test: { name: string; include: string[]; exclude?: string[] }
  }[]
  const [core, together, integration] = projects.map(({ test }) => test)
  expect([core.name, together.name, integration.name]).toEqual(['core', 'together', 'integration'])
  expect(core.exclude).toEqual([...integration.include, ...together.include])
})
