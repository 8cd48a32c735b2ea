// The import rules of docs/architecture.md. Data moves one way, and heavy packages stay where they belong.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NETWORKS } from '../models/networks.ts'
import {
  circles,
  imports,
  inside,
  reachable,
  root,
  sources,
  staticValueImports,
  valueImports,
} from './imports.ts'

const TFJS = /^@tensorflow\//
const ONNXRUNTIME = /^onnxruntime-/
const PROTOBUF = /^protobufjs/
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
const COMPILING = 'src/base64-module.ts'
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

  it('one file of src sets what is global in tfjs', () => {
    const setting = /\btf\.(setBackend|backend|getBackend|registerKernel|unregisterKernel|registerBackend)\(/
    const found = sources('src').filter((file) => setting.test(readFileSync(join(root, file), 'utf8')))
    expect(found).toEqual(['src/engines/global.ts'])
  })

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

  it('commands other than serve load nothing of the server, and the server nothing that trains', () => {
    expect(
      [...reachable(['src/cli/main.ts'], staticValueImports)].filter((target) =>
        inside(target, 'src/server'),
      ),
    ).toEqual([])
    const served = [...reachable(['src/server/server.ts'], valueImports)]
    expect(served).toContain('fastify')
    expect(served.filter((target) => TFJS.test(target) || inside(target, 'exporters'))).toEqual([])
  })

  it('the main entry can be built for a page where TensorFlow.js is not installed', () => {
    const reached = [...reachable(['src/browser.ts'], valueImports)]
    expect(reached).toContain('runtimes/web/load.ts')
    expect(reached.filter((target) => TFJS.test(target) || PROTOBUF.test(target))).toEqual([])
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
      'zod/locales',
      'zod/mini',
    ])
  })

  it('the page imports node: modules where it is built only, and onnxruntime through runtimes/ only', () => {
    const building = new Set(['web/vite.config.ts', 'web/offline/precache.ts'])
    const broken = sources('web')
      .filter((file) => !building.has(file))
      .flatMap((file) => imports(file).filter((t) => t.startsWith('node:') || ONNXRUNTIME.test(t)))
    expect(broken).toEqual([])
  })

  it('the page loads what trains in a worker alone, and nothing of Node there', () => {
    const loaded = [...reachable(['web/main.ts'], valueImports)]
    expect(loaded).toContain('web/fine-tune/panel.ts')
    expect(loaded.filter((target) => TFJS.test(target) || PROTOBUF.test(target))).toEqual([])
    const reached = [...reachable(['web/fine-tune/fine-tune-worker.ts'], valueImports)]
    expect(reached).toContain('@tensorflow/tfjs-core')
    // Graphs of other functions are verified with onnxruntime-node, which asks for that.
    const ofNode = reached.filter((target) => target.startsWith('node:') || /^runtimes\/node\//.test(target))
    expect(ofNode).toEqual(['runtimes/node/telemetry.ts'])
  })

  it('browser-safe folders import node: modules in named files only', () => {
    const allowed = /^src\/crystal\/file\.ts$|^models\/from-file\.ts$|^runtimes\/node\//
    const folders = [
      'src/crystal',
      'src/periodic',
      'src/torch',
      'src/published',
      'src/viewer',
      'src/components',
      'models',
      'runtimes',
    ]
    const files = folders.flatMap(sources).filter((file) => !allowed.test(file))
    const broken = files.filter((file) => imports(file).some((target) => target.startsWith('node:')))
    expect(broken).toEqual([])
  })

  it('neighbour tables are made by evaluators, which the caller loads only to have one in its own thread', () => {
    const callers = ['runtimes/index.ts', 'runtimes/web/index.ts']
    const reached = reachable(callers, staticValueImports)
    const ofTables = /^src\/periodic\/(neighbours|prepare|batch|group)\.ts$|^runtimes\/graph-evaluator\.ts$/
    expect([...reached].filter((target) => ofTables.test(target))).toEqual([])
    expect(reachable(['runtimes/node/worker.ts'], staticValueImports)).toContain('src/periodic/prepare.ts')
  })

  it('one file chooses the engine in Node; in a browser, onnxruntime is alone where it is', () => {
    const choosing = sources('runtimes').filter((file) =>
      imports(file).some((target) => /^runtimes\/graph-evaluator\.ts$/.test(target)),
    )
    expect(choosing).toEqual(['runtimes/engines.ts', 'runtimes/web/host.ts'])
  })

  it('entries for browsers reach nothing of Node, and onnxruntime-web by its two good entries only', () => {
    const workers = ['fused', 'plain', 'wasm', 'webgpu'].map((name) => `runtimes/web/worker-${name}.ts`)
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

  it('the worker of the fused engine loads nothing but files of ours and the checks that are built into them', () => {
    const reached = reachable(['runtimes/web/worker-fused.ts'], valueImports)
    expect([...reached].filter((target) => !target.endsWith('.ts')).sort()).toEqual([
      'zod/locales',
      'zod/mini',
    ])
    expect(reached).toContain('runtimes/fused/wasm.ts')
  })
})

/** The row that a file goes by; none for those of packages. */
function rowOf(file: string): string | undefined {
  return [...Object.keys(RULES), 'test']
    .filter((folder) => inside(file, folder))
    .sort((a, b) => b.length - a.length)[0]
}
