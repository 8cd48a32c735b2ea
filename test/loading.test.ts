// What a program loads that uses a part of the project, and what only one file or folder does: docs/architecture.md. Which folder may
// import which is in layering.test.ts.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NETWORKS } from '../models/networks.ts'
import {
  imports,
  inside,
  ONNXRUNTIME,
  PROTOBUF,
  reachable,
  root,
  sources,
  staticValueImports,
  TFJS,
  valueImports,
} from './imports.ts'

describe('what one place alone does', () => {
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

  it('what models and the recorder share imports nothing', () => {
    expect(imports('src/scope.ts')).toEqual([])
  })

  it('one file of exporters/ touches protobuf', () => {
    const touching = sources('exporters').filter((file) =>
      imports(file).some((t) => PROTOBUF.test(t) || t.includes('/generated/')),
    )
    expect(touching).toEqual(['exporters/onnx/proto.ts'])
  })

  it('the page imports node: modules where it is built only, and onnxruntime through runtimes/ only', () => {
    const building = new Set(['web/vite.config.ts', 'web/offline/precache.ts'])
    const broken = sources('web')
      .filter((file) => !building.has(file))
      .flatMap((file) => imports(file).filter((t) => t.startsWith('node:') || ONNXRUNTIME.test(t)))
    expect(broken).toEqual([])
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

  it('one file chooses the engine in Node; in a browser, onnxruntime is alone where it is', () => {
    const choosing = sources('runtimes').filter((file) =>
      imports(file).some((target) => /^runtimes\/graph-evaluator\.ts$/.test(target)),
    )
    expect(choosing).toEqual(['runtimes/engines.ts', 'runtimes/web/host.ts'])
  })
})

describe('what is loaded', () => {
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

  it('neighbour tables are made by evaluators, which the caller loads only to have one in its own thread', () => {
    const callers = ['runtimes/index.ts', 'runtimes/web/index.ts']
    const reached = reachable(callers, staticValueImports)
    const ofTables = /^src\/periodic\/(neighbours|prepare|batch|group)\.ts$|^runtimes\/graph-evaluator\.ts$/
    expect([...reached].filter((target) => ofTables.test(target))).toEqual([])
    expect(reachable(['runtimes/node/worker.ts'], staticValueImports)).toContain('src/periodic/prepare.ts')
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
