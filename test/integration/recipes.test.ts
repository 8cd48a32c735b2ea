// Recipes of CONTRIBUTING.md walked backwards: in a copy of the project the example of a recipe is taken out of the files
// that it lists, and of no others. What is left has to check, so that nothing else knew it.

import { execFile } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../cli/run.ts'
import { root } from '../imports.ts'
import { recipes } from '../recipes.ts'

/** What the type checker reads. */
const COPIED = [
  ...['src', 'models', 'exporters', 'runtimes', 'web', 'test', 'bench', 'examples'],
  ...['package.json', 'tsconfig.json', 'tsdown.config.ts', 'vitest.config.ts', 'LICENSE', 'README.md'],
]
/** Recipes whose example is whole files, and whole lines or members of a list in others. */
const WALKED = ['Add a lowering', 'Add a network', 'Add a format of structure files']

it('are all there is to what they add', async () => {
  const copy = temporaryFolder()
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { example, files } of recipes().filter(({ title }) => WALKED.includes(title))) {
    for (const file of files.filter((name) => existsSync(join(copy, name)))) {
      const path = join(copy, file)
      if (new RegExp(`/${example}[/.]`).test(file)) rmSync(path)
      else writeFileSync(path, without(example, readFileSync(path, 'utf8')))
    }
  }
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '--noEmit'], { cwd: copy }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
  rmSync(copy, { recursive: true })
}, 240_000)

/** A text without the members of lists and the lines that name the example. */
function without(example: string, text: string): string {
  const member = new RegExp(`, '?[\\w/]*\\b${example}\\b'?(?=[,\\s\\]}])`, 'gi')
  const line = new RegExp(`\\b${example}\\b`, 'i')
  return text
    .replace(member, '')
    .split('\n')
    .filter((text) => !line.test(text))
    .join('\n')
}
