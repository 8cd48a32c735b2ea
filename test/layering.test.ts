// The import rules of docs/architecture.md: which folder may import which, and which heavy package. What is loaded of all that,
// and what one file alone does, is in loading.test.ts.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { circles, imports, inside, ONNXRUNTIME, PROTOBUF, root, sources, TFJS } from './imports.ts'

const HEAVY = [TFJS, ONNXRUNTIME, PROTOBUF]

/** Packages of their own, which import this one by its name. */
const OUTSIDE = ['examples/own-network']
const FOLDERS = ['src', 'models', 'exporters', 'runtimes', 'web', 'examples', 'bench']
/** Below everything. */
const GROUND = [
  ...['src/errors.ts', 'src/coded-error.ts', 'src/instead.ts', 'src/missing-package.ts', 'src/version.ts'],
  ...['src/cores.ts', 'src/not-found.ts', 'src/proxy.ts'],
  'src/math',
]
const STRUCTURES = ['src/crystal', 'src/periodic']
/** Whole files or none: the one place that writes them. */
const WRITING = ['src/files', 'src/files.ts']
/** Other threads, and files of the user's that run in them. */
const LOADING = ['src/threads.ts', 'src/network-file.ts']
/** For programs that compile kernels. */
const COMPILING = 'src/hex-module.ts'
const ENTRIES = ['models', 'exporters', 'runtimes']
const NETWORK = ['models', 'models/layers', 'src/scope.ts']

interface Rule {
  readonly folders: readonly string[]
  readonly packages?: readonly RegExp[]
}

/**
 * What the files of every folder may import beside those of the folder itself and GROUND: files, folders without those
 * in them that have a row of their own, and of the heavy packages the ones that are named.
 */
const RULES: Readonly<Record<string, Rule>> = {
  // The main entry is made of all; what else is here is below so much that a wrong import would close a circle.
  src: {
    folders: [
      ...[...STRUCTURES, 'src/data', 'src/files', 'src/training', ...ENTRIES],
      ...['exporters/crystal', 'exporters/onnx', 'runtimes/node', 'runtimes/web'],
    ],
  },
  'src/math': { folders: [] },
  'src/files': { folders: [] },
  'src/torch': { folders: [] },
  'src/parquet': { folders: [] },
  'src/screen': {
    folders: [
      ...['src/crystal', ...WRITING, 'src/data', 'src/domain', 'src/parquet', 'src/report', ...LOADING],
      ...['runtimes', 'runtimes/node'],
    ],
  },
  'src/report': { folders: ['src/crystal'] },
  'src/crystal': { folders: [] },
  'src/periodic': { folders: ['src/crystal'] },
  'src/domain': { folders: STRUCTURES },
  'src/hull': { folders: ['src/crystal', 'src/domain', 'src/report'] },
  'src/data': {
    folders: [...STRUCTURES, ...WRITING, ...LOADING, 'src/coded-error.ts', 'src/report'],
  },
  'src/published': {
    folders: [
      ...['src/crystal', 'src/torch', 'models', 'models/attention', 'models/crystalframer'],
      'models/reference',
    ],
  },
  'src/kernels': { folders: [COMPILING] },
  'src/engines': {
    folders: [...STRUCTURES, 'src/kernels', 'models', 'models/attention', 'models/crystalframer'],
    packages: [TFJS],
  },
  'src/training': {
    folders: [
      ...[...STRUCTURES, ...WRITING, 'src/data', 'src/domain', 'src/engines', 'src/report', ...LOADING],
      'models',
    ],
    packages: [TFJS],
  },
  'src/server': {
    folders: [
      ...[...STRUCTURES, 'src/domain', 'src/threads.ts', 'src/client/wire.ts', 'runtimes', 'runtimes/node'],
    ],
  },
  'src/viewer': { folders: ['src/crystal'] },
  'src/components': { folders: ['src/crystal', 'src/domain', 'src/viewer', 'runtimes', 'runtimes/web'] },
  'src/client': { folders: ['src/crystal', 'src/domain', 'src/server/tensors.ts'] },
  'src/doctor': { folders: ['runtimes/node'] },
  'src/cli': {
    folders: [
      ...[
        ...STRUCTURES,
        ...WRITING,
        'src/data',
        'src/doctor',
        'src/domain',
        'src/hull',
        'src/parquet',
        'src/published',
        'src/screen',
        'src/server',
        'src/torch',
        'src/training',
      ],
      ...[
        'src/engines/backends.ts',
        'models',
        'models/pretrained',
        'exporters/crystal',
        'exporters/onnx',
        'exporters/triton',
        'runtimes',
        'runtimes/node',
      ],
    ],
  },
  'models/pretrained': { folders: [] },
  models: {
    folders: [
      ...[...STRUCTURES, 'models/attention', 'models/layers', 'models/reference'],
      ...['models/crystalformer', 'models/crystalframer', 'models/cgcnn', 'models/ensemble'],
    ],
    packages: [TFJS],
  },
  'models/layers': { folders: ['models'], packages: [TFJS] },
  'models/attention': {
    folders: [...NETWORK, 'src/periodic', 'models/crystalframer'],
    packages: [TFJS],
  },
  'models/crystalformer': { folders: [...NETWORK, 'models/attention', 'models/reference'], packages: [TFJS] },
  'models/crystalframer': {
    folders: [...NETWORK, 'src/periodic', 'models/attention', 'models/reference'],
    packages: [TFJS],
  },
  'models/cgcnn': { folders: NETWORK, packages: [TFJS] },
  'models/ensemble': {
    folders: [
      ...[...NETWORK, 'src/periodic', 'models/attention', 'models/crystalformer', 'models/crystalframer'],
    ],
    packages: [TFJS],
  },
  'models/reference': { folders: ['src/crystal', 'models', 'models/attention'] },
  exporters: {
    folders: ['models', 'src/scope.ts', 'exporters/crystal', 'exporters/onnx', 'runtimes'],
  },
  'exporters/onnx': {
    folders: ['src/scope.ts', 'runtimes/node/telemetry.ts'],
    packages: [TFJS, PROTOBUF, ONNXRUNTIME],
  },
  'exporters/crystal': {
    folders: [
      ...[...STRUCTURES, 'src/domain', 'src/files.ts', 'models', 'exporters/onnx', 'runtimes'],
      ...['runtimes/node', 'runtimes/web'],
    ],
    packages: [TFJS],
  },
  'exporters/triton': { folders: [...STRUCTURES, 'src/files.ts', 'exporters/onnx', 'runtimes'] },
  runtimes: {
    folders: [...STRUCTURES, 'src/domain', 'models', 'runtimes/node', 'runtimes/fused'],
    packages: [ONNXRUNTIME],
  },
  'runtimes/fused': { folders: [...STRUCTURES, 'models', 'runtimes'] },
  'runtimes/node': {
    folders: [
      ...['src/crystal', 'src/kernels', 'src/threads.ts', 'models/pretrained', 'runtimes'],
      'runtimes/fused',
    ],
    packages: [ONNXRUNTIME],
  },
  'runtimes/web': { folders: ['src/crystal', 'runtimes', 'runtimes/fused'], packages: [ONNXRUNTIME] },
  web: {
    folders: [
      ...['src/client', 'src/components', 'src/viewer', 'src/crystal', 'src/data', 'src/domain', 'src/hull'],
      ...['models/pretrained', 'runtimes', 'runtimes/web', 'examples'],
      // Fine-tuning, in a worker of its own.
      ...['src/engines', 'src/report', 'src/training', 'models', 'exporters/crystal'],
    ],
    packages: [TFJS],
  },
  examples: {
    folders: [
      ...['src/cli', 'src/crystal', 'src/data', 'src/files.ts', 'src/report', 'src/training'],
      ...[...ENTRIES, 'exporters/crystal', 'models/attention', 'runtimes/node'],
    ],
    packages: [TFJS],
  },
  bench: {
    folders: [
      ...[...STRUCTURES, 'src/cli', 'src/data', 'src/engines', 'src/files.ts', 'src/parquet', 'src/report'],
      ...['src/screen', 'src/training', ...ENTRIES],
      ...['exporters/crystal', 'exporters/onnx', 'exporters/triton'],
      ...['models/attention', 'models/crystalframer'],
      ...['models/pretrained', 'runtimes/fused', 'runtimes/node', 'runtimes/web', 'test'],
      ...['src/client', 'src/server'],
    ],
    packages: HEAVY,
  },
}

describe('import rules', () => {
  it.each(Object.keys(RULES))('%s', (folder) => {
    const { folders, packages = [] } = RULES[folder]
    const may = [...folders, ...GROUND, folder]
    const broken: string[] = []
    for (const file of sources(folder).filter(
      (file) => rowOf(file) === folder && !OUTSIDE.some((other) => inside(file, other)),
    )) {
      for (const target of imports(file)) {
        const heavy = HEAVY.some((p) => p.test(target)) && !packages.some((p) => p.test(target))
        const row = rowOf(target)
        if (heavy || (row && !may.includes(row) && !may.includes(target))) {
          broken.push(`${file} imports ${target}`)
        }
      }
    }
    expect(broken).toEqual([])
  })

  it('every folder has a row', () => {
    const under = (folder: string) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${folder}/${name}`)
    const all = [...FOLDERS, ...['src', 'models', 'exporters', 'runtimes'].flatMap(under)]
    expect(Object.keys(RULES).sort()).toEqual(all.sort())
  })

  it('no file imports itself by way of others, types included', () => {
    const files = [...FOLDERS, 'test'].flatMap(sources)
    const graph = new Map(
      files.map((file) => [file, imports(file).filter((target) => target.endsWith('.ts'))]),
    )
    expect(circles(graph).map((circle) => circle.join(' → '))).toEqual([])
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'a']],
          ['c', []],
        ]),
      ),
    ).toEqual([['a', 'b', 'a']])
  })
})

/** The row that a file goes by; none for those of packages. */
function rowOf(file: string): string | undefined {
  return [...Object.keys(RULES), 'test']
    .filter((folder) => inside(file, folder))
    .sort((a, b) => b.length - a.length)[0]
}
