// The public entries: what each exports, as a list that a change shows up in (test/fixtures/entries.txt), that all of them
// are documented, and that the project itself imports from the files behind them.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { PACKAGE } from '../tsdown.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const built: Readonly<Record<string, string>> = PACKAGE.entry

/** Name under which an entry is imported → its source file. */
const ENTRIES = new Map(
  Object.entries<Record<string, string>>(manifest.exports)
    .filter(([name]) => !/\.(json|wasm)$/.test(name))
    .map(([name, { default: file }]) => [
      join('crystal-onnx', name),
      built[/^\.\/dist\/(.+)\.js$/.exec(file)![1]],
    ]),
)
/** Entries that are another file in a browser, with that file. */
const IN_BROWSERS = [
  ['crystal-onnx', built.browser],
  ['crystal-onnx/exporters', built['exporters.browser']],
] as const

describe('entries', () => {
  const sources = [...ENTRIES.values(), ...IN_BROWSERS.map(([, file]) => file)]
  const program = programOf(sources)
  const checker = program.getTypeChecker()

  /** `name` and what it is, sorted: classes, functions and constants, then types. */
  function exportsOf(file: string): { readonly name: string; readonly kind: string }[] {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!
    return checker.getExportsOfModule(module).map((symbol) => {
      const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      return { name: symbol.name, kind: kindOf(flags) }
    })
  }

  it('export what the list says: see what a change adds or takes away, then vitest --update', async () => {
    const text = [...ENTRIES].map(([name, file]) => {
      const lines = exportsOf(file).map(({ name, kind }) => `  ${kind} ${name}`)
      return `${name}\n${lines.sort().join('\n')}\n`
    })
    await expect(text.join('\n')).toMatchFileSnapshot('fixtures/entries.txt')
  })

  it.each(IN_BROWSERS)('%s has the same functions in a browser', (name, inBrowsers) => {
    const values = (file: string) =>
      exportsOf(file)
        .filter(({ kind }) => kind !== 'type')
        .map(({ name }) => name)
        .sort()
    expect(values(inBrowsers)).toEqual(values(ENTRIES.get(name)!))
  })

  it('are all in the documentation, and nothing else is', () => {
    const { entryPoints } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8'))
    expect(entryPoints.sort()).toEqual([...ENTRIES.values()].sort())
  })

  it('are for others: files of the project import from the file that defines a name', () => {
    const entries = new Set(sources)
    const folders = ['src', 'models', 'exporters', 'runtimes', 'web', 'bench', 'examples']
    const importing = folders.flatMap(filesIn).flatMap((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
      const targets = importedFiles.map(({ fileName }) => join(dirname(file), fileName))
      return targets.filter((target) => entries.has(target)).map((target) => `${file} imports ${target}`)
    })
    expect(importing).toEqual([])
  })
})

/** What the files export is known without the types of packages and of the language. */
function programOf(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = { noLib: true, types: [], allowImportingTsExtensions: true }
  const host = ts.createCompilerHost(options)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith('.')
        ? { resolvedFileName: join(dirname(from), text), extension: ts.Extension.Ts }
        : undefined,
    }))
  return ts.createProgram(
    files.map((file) => join(root, file)),
    options,
    host,
  )
}

function kindOf(flags: ts.SymbolFlags): string {
  if (flags & ts.SymbolFlags.Class) return 'class'
  if (flags & ts.SymbolFlags.Function) return 'function'
  return flags & ts.SymbolFlags.Variable ? 'const' : 'type'
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}
