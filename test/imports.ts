// What the source files of the project import, for tests of its structure.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Heavy packages, by the modules of theirs that are imported. */
export const TFJS = /^@tensorflow\//
export const ONNXRUNTIME = /^onnxruntime-/
export const PROTOBUF = /^protobufjs/

/** TypeScript files of a folder, as paths from the root; without what is generated. */
export function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && /\.ts$/.test(e.name) && !e.parentPath.includes('generated'))
    .map((e) => relative(root, join(e.parentPath, e.name)))
    .sort()
}

export function inside(target: string, folder: string): boolean {
  return target === folder || target.startsWith(`${folder}/`)
}

/** Every module a file imports, statically, dynamically or as a type; relative ones as paths from the root. */
export function imports(file: string): string[] {
  const info = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
  return info.importedFiles.map(({ fileName }) => fromRoot(file, fileName))
}

/** Of these, without what is loaded later. */
export function staticValueImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return valueImports(file).filter((target) => !text.includes(`import('${relativeTo(file, target)}')`))
}

const valueImportsOf = new Map<string, string[]>()

/** Modules of which something is left when the types are gone. */
export function valueImports(file: string): string[] {
  const known = valueImportsOf.get(file) ?? withoutTypes(file)
  valueImportsOf.set(file, known)
  return known
}

function withoutTypes(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { ...compilerOptions, verbatimModuleSyntax: true },
  })
  return ts
    .preProcessFile(outputText, true, true)
    .importedFiles.map(({ fileName }) => fromRoot(file, fileName))
}

/** Files and packages that files lead to, themselves included. */
export function reachable(files: readonly string[], importsOf = imports): Set<string> {
  const reached = new Set<string>()
  const visit = (target: string) => {
    if (reached.has(target)) return
    reached.add(target)
    if (target.endsWith('.ts')) for (const next of importsOf(target)) visit(next)
  }
  for (const file of files) visit(file)
  return reached
}

/** Circles: for every group of files that reach each other, the way round, from a file back to itself. */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string) => {
    const at = path.indexOf(file)
    if (at >= 0) return void found.push([...path.slice(at), file])
    if (done.has(file)) return
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return found
}

function relativeTo(file: string, target: string): string {
  const path = relative(join(root, dirname(file)), join(root, target))
  return path.startsWith('.') ? path : `./${path}`
}

function fromRoot(file: string, target: string): string {
  return target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target
}
