import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Rolldown, UserConfig } from 'tsdown'
import { MODULE } from './runtimes/fused/generated/simd.ts'

/**
 * Small libraries that are built in. Checks of a card and of a configuration, a small part of zod, and the seal where a page is
 * not served by https: pages without a bundler would fetch all of it, and import maps do not reach workers. The others come
 * in several forms each, of which one is used: built in they are a twentieth, and a project installs nothing for them.
 * Types are no matter of theirs.
 */
const INLINED = [
  ...['3dmol', '@noble/hashes', 'csv-parse', 'csv-stringify', 'hyparquet', 'hyparquet-compressors'],
  ...['hyparquet-writer', 'hysnappy', 'fzstd', 'yaml', 'zod'],
]

const isInlined = (id: string) => INLINED.some((name) => id === name || id.startsWith(`${name}/`))

const COMMON = {
  format: 'esm',
  // Some files are for Node and some for browsers. For Node alone, every file would get a `require` of its own.
  platform: 'neutral',
  external: /^node:|^stream$/,
  target: 'node20.19',
  inputOptions: {
    resolve: {
      // What is built in may have no other word on where it begins.
      mainFields: ['module', 'main'],
      alias: { '3dmol': '3dmol/build/3Dmol.es6-min.js' },
    },
  },
  fixedExtension: false,
  sourcemap: true,
  inlineOnly: INLINED.map((name) => new RegExp(`^${name}`)),
  noExternal: (id, importer) => isInlined(id) && !/\.d\.ts$/.test(importer ?? ''),
} as const satisfies UserConfig

/** What bundlers for edge functions make of a .wasm file. */
const KERNELS_TYPES = 'declare const kernels: WebAssembly.Module\nexport default kernels\n'

const NODE = [
  'runtimes/node/load.ts',
  'runtimes/node/thread-host.ts',
  'runtimes/node/evaluator.ts',
  'runtimes/serve.ts',
]
const [FUSED, GRAPH] = [['runtimes/fused/evaluator.ts'], ['runtimes/graph-evaluator.ts']]

/**
 * A prediction in Node would load eighty small files, and opening these takes longer than what is in them. So what all of the named
 * modules load is one file, less what is in files before it: nobody gets what only another one needs.
 */
const TOGETHER = {
  'start-client': [NODE, ['src/client/browser.ts']],
  'start-page': [NODE, ['runtimes/web/index.ts']],
  'start-parts': [NODE, ['src/browser.ts', 'src/components/index.ts', 'exporters/browser.ts']],
  evaluator: [FUSED, GRAPH],
  'evaluator-fused': [FUSED],
  'evaluator-graph': [GRAPH],
  start: [NODE],
}
/** Modules of each, once it is known which import which. */
const together = new Map<string, ReadonlySet<string>>()

function lookAtModules(this: Pick<Rolldown.PluginContext, 'getModuleInfo'>): void {
  const loadedBy = (paths: readonly string[]) => {
    const roots = paths.map((path) => fileURLToPath(new URL(path, import.meta.url)))
    // A page may be built without what is for Node.
    const found = new Set(roots.filter((id) => this.getModuleInfo(id)))
    for (const id of found) for (const next of this.getModuleInfo(id)?.importedIds ?? []) found.add(next)
    return found
  }
  for (const [name, all] of Object.entries(TOGETHER)) {
    const [first, ...others] = all.map(loadedBy)
    together.set(name, new Set([...first].filter((id) => others.every((other) => other.has(id)))))
  }
}

export const PACKAGE = {
  ...COMMON,
  entry: {
    index: 'src/index.ts',
    browser: 'src/browser.ts',
    crystal: 'src/crystal/index.ts',
    models: 'models/index.ts',
    exporters: 'exporters/index.ts',
    'exporters.browser': 'exporters/browser.ts',
    runtimes: 'runtimes/index.ts',
    training: 'src/training/index.ts',
    data: 'src/data/index.ts',
    cli: 'src/cli/main.ts',
    'node.worker': 'runtimes/node/worker.ts',
    'training.helper': 'src/training/threads/helper.ts',
    'data.index': 'src/data/stored/thread.ts',
    'data.look': 'src/data/stored/look-thread.ts',
    'training.ahead': 'src/training/ahead/thread.ts',
    'screen.worker': 'src/screen/worker-process.ts',
    'reading.worker': 'src/server/reading/worker.ts',
    'upstream.worker': 'src/server/upstream/worker.ts',
    'doctor.probe': 'src/doctor/probe-process.ts',
    web: 'runtimes/web/index.ts',
    client: 'src/client/index.ts',
    'client-browser': 'src/client/browser.ts',
    components: 'src/components/index.ts',
    react: 'src/components/react.ts',
    pretrained: 'models/pretrained/index.ts',
  },
  dts: true,
  // Of several files, one may end up in the app's own under Vite: others that are loaded later would wait for it, and it,
  // where it awaits them at its top level, for them.
  outputOptions: {
    codeSplitting: {
      groups: [
        { name: 'checks', test: /node_modules\/zod\/.*\.js$/ },
        ...Object.keys(TOGETHER).map((name) => ({ name, test: (id: string) => together.get(name)!.has(id) })),
      ],
    },
  },
  // Looked for beside what names them (src/kernels/addon.ts, src/server/grpc-service.ts, models/pretrained/addresses.ts).
  copy: [
    'src/server/inference.proto',
    ...['runtimes/fused/generated/*.node', 'src/engines/generated/*.node'],
    ...['models/pretrained/*.onnx', 'models/pretrained/*.json'],
  ],
  plugins: [
    { name: 'together', buildEnd: lookAtModules },
    {
      // Bundlers want the address of a worker's script written out, and here the source files are TypeScript.
      name: 'worker-addresses',
      renderChunk: (code: string) =>
        code.replace(/(new URL\("\.\/worker-[a-z]+)\.ts(", import\.meta\.url\))/g, '$1.js$2'),
    },
    {
      // Types of TensorFlow.js are there where it is installed; elsewhere they are any, not an error of the compiler.
      name: 'optional-types',
      renderChunk: (code: string, { fileName }: { fileName: string }) =>
        fileName.endsWith('.d.ts')
          ? code.replace(/^import .* from "@tensorflow\/tfjs-core";$/gm, '// @ts-ignore\n$&')
          : null,
    },
    {
      // What is built in is passed on with its licence.
      name: 'licences',
      generateBundle() {
        const texts = INLINED.map((name) => {
          const folder = `node_modules/${name}`
          const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
          return `${name}\n\n${readFileSync(`${folder}/${licence}`, 'utf8').trim()}\n`
        })
        this.emitFile({
          type: 'asset',
          fileName: 'third-party.txt',
          source: texts.join(`\n${'-'.repeat(80)}\n\n`),
        })
      },
    },
    {
      // Edge functions import the kernels as a module: they compile nothing at run time.
      name: 'kernels',
      generateBundle() {
        const files = { 'kernels.wasm': Buffer.from(MODULE, 'hex'), 'kernels.wasm.d.ts': KERNELS_TYPES }
        for (const [fileName, source] of Object.entries(files)) {
          this.emitFile({ type: 'asset', fileName, source })
        }
      },
    },
  ],
} satisfies UserConfig

/**
 * Scripts of a browser's workers, a file each with everything in it: Vite by itself takes no worker that loads others of
 * its files later, and a page without a bundler would fetch them one after the other.
 */
export const WORKERS = ['fused', 'plain', 'wasm', 'webgpu'].map(
  (name) =>
    ({
      ...COMMON,
      entry: { [`worker-${name}`]: `runtimes/web/worker-${name}.ts` },
      outputOptions: { codeSplitting: false },
      clean: false,
      dts: false,
    }) satisfies UserConfig,
)

export default [PACKAGE, ...WORKERS]
