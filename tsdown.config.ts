import type { UserConfig } from 'tsdown'
import { MODULE } from './runtimes/fused/generated/simd.ts'

/**
 * Checks of a card and of a configuration: a small part of zod, and of the seal where a page is not served by https. Pages
 * without a bundler would fetch all of it, and import maps do not reach workers. Types are no matter of theirs.
 */
const INLINED = /^zod\/(mini|locales)$|^@noble\/hashes/

const COMMON = {
  format: 'esm',
  // Some files are for Node and some for browsers. For Node alone, every file would get a `require` of its own.
  platform: 'neutral',
  external: /^node:/,
  target: 'node20.19',
  fixedExtension: false,
  sourcemap: true,
  inlineOnly: ['zod', '@noble/hashes'],
  noExternal: (id, importer) => INLINED.test(id) && !/\.d\.ts$/.test(importer ?? ''),
} as const satisfies UserConfig

/** What bundlers for edge functions make of a .wasm file. */
const KERNELS_TYPES = 'declare const kernels: WebAssembly.Module\nexport default kernels\n'

export const PACKAGE = {
  ...COMMON,
  entry: {
    index: 'src/index.ts',
    browser: 'src/browser.ts',
    crystal: 'src/crystal/index.ts',
    models: 'models/index.ts',
    exporters: 'exporters/index.ts',
    runtimes: 'runtimes/index.ts',
    training: 'src/training/index.ts',
    data: 'src/data/index.ts',
    cli: 'src/cli/main.ts',
    'node.worker': 'runtimes/node/worker.ts',
    'training.helper': 'src/training/threads/helper.ts',
    'screen.worker': 'src/screen/worker-process.ts',
    'doctor.probe': 'src/doctor/probe-process.ts',
    web: 'runtimes/web/index.ts',
    pretrained: 'models/pretrained/index.ts',
  },
  dts: true,
  // Of several files, one may end up in the app's own under Vite: others that are loaded later would wait for it, and it,
  // where it awaits them at its top level, for them.
  outputOptions: { codeSplitting: { groups: [{ name: 'checks', test: /node_modules\/zod\// }] } },
  // Looked for beside what names them (src/kernels/addon.ts, models/pretrained/addresses.ts).
  copy: [
    ...['runtimes/fused/generated/*.node', 'src/engines/generated/*.node'],
    ...['models/pretrained/*.onnx', 'models/pretrained/*.json'],
  ],
  plugins: [
    {
      // Bundlers want the address of a worker's script written out, and here the source files are TypeScript.
      name: 'worker-addresses',
      renderChunk: (code: string) =>
        code.replace(/(new URL\("\.\/worker-[a-z]+)\.ts(", import\.meta\.url\))/g, '$1.js$2'),
    },
    {
      // Edge functions import the kernels as a module: they compile nothing at run time.
      name: 'kernels',
      generateBundle() {
        const files = { 'kernels.wasm': Buffer.from(MODULE, 'base64'), 'kernels.wasm.d.ts': KERNELS_TYPES }
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
