// The import rules of docs/architecture.md. Data moves one way, and heavy packages stay where they belong.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { NETWORKS } from '../models/networks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const TFJS = /^@tensorflow\//
const ONNXRUNTIME = /^onnxruntime-/
const PROTOBUF = /^protobufjs/

/** Folder → packages and folders that nothing in it may import. */
const RULES: Record<string, { packages: RegExp[]; folders: string[] }> = {
  'src/crystal': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: ['src/periodic', 'src/data', 'src/training', 'src/cli', 'models', 'exporters', 'runtimes'],
  },
  'src/periodic': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: ['src/data', 'src/training', 'src/cli', 'models', 'exporters', 'runtimes'],
  },
  'src/data': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: ['src/training', 'src/cli', 'models', 'exporters', 'runtimes'],
  },
  'src/torch': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: [
      ...['src/crystal', 'src/periodic', 'src/data', 'src/training', 'src/published', 'src/cli'],
      ...['models', 'exporters', 'runtimes'],
    ],
  },
  'src/published': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: ['src/data', 'src/training', 'src/cli', 'exporters', 'runtimes'],
  },
  'src/report': { packages: [TFJS, ONNXRUNTIME, PROTOBUF], folders: ['src/cli', 'models', 'exporters'] },
  'src/training': { packages: [ONNXRUNTIME, PROTOBUF], folders: ['src/cli', 'exporters', 'runtimes'] },
  'src/doctor': {
    packages: [TFJS, ONNXRUNTIME, PROTOBUF],
    folders: ['src/training', 'src/data', 'src/cli', 'models', 'exporters'],
  },
  models: {
    packages: [ONNXRUNTIME, PROTOBUF],
    folders: ['src/data', 'src/training', 'src/cli', 'exporters', 'runtimes'],
  },
  'exporters/onnx': {
    packages: [ONNXRUNTIME],
    folders: ['src/crystal', 'src/periodic', 'src/data', 'src/training', 'src/cli', 'models', 'runtimes'],
  },
  runtimes: {
    packages: [TFJS, PROTOBUF],
    folders: ['models', 'exporters', 'src/training', 'src/data', 'src/cli'],
  },
  web: {
    packages: [TFJS, PROTOBUF],
    folders: ['models', 'exporters', 'runtimes/node', 'src/training', 'src/data', 'src/report', 'src/cli'],
  },
}

describe('import rules', () => {
  for (const [folder, { packages, folders }] of Object.entries(RULES)) {
    it(folder, () => {
      const broken: string[] = []
      for (const file of sources(folder)) {
        for (const target of imports(file)) {
          if (packages.some((p) => p.test(target)) || folders.some((f) => inside(target, f))) {
            broken.push(`${file} imports ${target}`)
          }
        }
      }
      expect(broken).toEqual([])
    })
  }

  it('nothing outside models/ asks which network it holds, but what reads files of published networks', () => {
    const names = NETWORKS.map(({ name }) => name).join('|')
    const literal = new RegExp(`['"\`](${names})['"\`]`)
    const folder = new RegExp(`^models/(attention|reference|${names})/`)
    const knowing = ['src', 'exporters', 'runtimes', 'web'].flatMap(sources).filter((file) => {
      if (inside(file, 'src/published')) return false
      if (literal.test(readFileSync(join(root, file), 'utf8'))) return true
      // Kernels that fuse a part of a network know that part.
      return !inside(file, 'src/engines') && imports(file).some((target) => folder.test(target))
    })
    expect(knowing).toEqual([])
  })

  it('the command line lists networks without loading what they compute with', () => {
    const reached = reachable(['models/networks.ts', 'models/network.ts'], staticValueImports)
    expect([...reached].filter((target) => !target.endsWith('.ts'))).toEqual([])
  })

  it('what models and the recorder share imports nothing', () => {
    expect(imports('src/scope.ts')).toEqual([])
  })

  it('one file of exporters/ touches protobuf', () => {
    const touching = sources('exporters').filter((file) =>
      imports(file).some((t) => PROTOBUF.test(t) || t.includes('/generated/')),
    )
    expect(touching).toEqual(['exporters/onnx/proto.ts'])
  })

  it('the float64 reference of the networks computes with nothing but itself', () => {
    const own = sources('models').filter((file) => /^models\/reference\//.test(file))
    expect(own.length).toBeGreaterThan(4)
    const reached = reachable(own, valueImports)
    expect([...reached].filter((target) => !own.includes(target)).sort()).toEqual([
      'models/attention/config.ts',
      'models/attention/parameters.ts',
      'models/crystalframer/name.ts',
      'models/elements.ts',
      'models/weights.ts',
      'src/errors.ts',
      'zod',
    ])
  })

  it('the page imports node: modules where it is built only, and onnxruntime through runtimes/ only', () => {
    const building = new Set(['web/vite.config.ts', 'web/offline/precache.ts'])
    const broken = sources('web')
      .filter((file) => !building.has(file))
      .flatMap((file) => imports(file).filter((t) => t.startsWith('node:') || ONNXRUNTIME.test(t)))
    expect(broken).toEqual([])
  })

  it('browser-safe folders import node: modules in named files only', () => {
    const allowed = /^src\/crystal\/file\.ts$|^runtimes\/node\//
    const folders = ['src/crystal', 'src/periodic', 'src/torch', 'src/published', 'models', 'runtimes']
    const files = folders.flatMap(sources).filter((file) => !allowed.test(file))
    const broken = files.filter((file) => imports(file).some((target) => target.startsWith('node:')))
    expect(broken).toEqual([])
  })

  it('entries for browsers reach nothing of Node, and onnxruntime-web by its two good entries only', () => {
    const workers = ['plain', 'wasm', 'webgpu'].map((name) => `runtimes/web/worker-${name}.ts`)
    const reached = reachable(['runtimes/web/index.ts', 'src/crystal/index.ts', ...workers])
    const packages = [...reached].filter((target) => !target.endsWith('.ts')).sort()
    expect(packages).toEqual([
      '@noble/hashes/sha2.js',
      '@spglib/moyo-wasm',
      'onnxruntime-common',
      'onnxruntime-web/wasm',
      'onnxruntime-web/webgpu',
      'zod/locales',
      'zod/mini',
    ])
    expect([...reached].filter((target) => target.startsWith('runtimes/node/'))).toEqual([])
  })
})

/** Files and packages that files lead to, themselves included. */
function reachable(files: readonly string[], importsOf = imports): Set<string> {
  const reached = new Set<string>()
  const visit = (target: string) => {
    if (reached.has(target)) return
    reached.add(target)
    if (target.endsWith('.ts')) for (const next of importsOf(target)) visit(next)
  }
  for (const file of files) visit(file)
  return reached
}

function inside(target: string, folder: string): boolean {
  return target === folder || target.startsWith(`${folder}/`)
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && /\.ts$/.test(e.name) && !e.parentPath.includes('generated'))
    .map((e) => relative(root, join(e.parentPath, e.name)))
    .sort()
}

/** Every module a file imports, statically, dynamically or as a type; relative ones as paths from the root. */
function imports(file: string): string[] {
  const info = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
  return info.importedFiles.map(({ fileName }) => fromRoot(file, fileName))
}

/** Of these, without what is loaded later. */
function staticValueImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return valueImports(file).filter((target) => !text.includes(`import('${relativeTo(file, target)}')`))
}

function relativeTo(file: string, target: string): string {
  const path = relative(join(root, dirname(file)), join(root, target))
  return path.startsWith('.') ? path : `./${path}`
}

/** Modules of which something is left when the types are gone. */
function valueImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { ...compilerOptions, verbatimModuleSyntax: true },
  })
  return ts
    .preProcessFile(outputText, true, true)
    .importedFiles.map(({ fileName }) => fromRoot(file, fileName))
}

function fromRoot(file: string, target: string): string {
  return target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target
}
