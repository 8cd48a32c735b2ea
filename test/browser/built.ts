// The package as a browser gets it, in a folder of its own: built files and exports map, laid out as an npm install would.

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'
import { PACKAGE, WORKERS } from '../../tsdown.config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const nodeModules = join(root, 'node_modules')

export interface BuiltPackage {
  /** A folder for apps that import the package. */
  readonly folder: string
  /** The package's own dist/. */
  readonly dist: string
}

/** The entries that make pages of predictions. */
const PAGE = ['web', 'crystal']

/** Builds entries for browsers, and their workers. `name` keeps test files that run at once apart. */
export async function buildPackage(
  name: string,
  { minify = false, entries = PAGE } = {},
): Promise<BuiltPackage> {
  // Below node_modules, so that bundlers find the dependencies above it.
  const folder = join(nodeModules, '.cache/crystal-onnx', name)
  const home = join(folder, 'node_modules/crystal-onnx')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  // Without one, the package's own name would mean this checkout.
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "type": "module" }')
  cpSync(join(root, 'package.json'), join(home, 'package.json'))
  const chosen = Object.fromEntries(Object.entries(PACKAGE.entry).filter(([name]) => entries.includes(name)))
  for (const config of [{ ...PACKAGE, entry: chosen }, ...WORKERS]) {
    await build({
      ...config,
      config: false,
      cwd: root,
      outDir: join(home, 'dist'),
      dts: false,
      sourcemap: false,
      minify,
      logLevel: 'error',
    })
  }
  return { folder, dist: join(home, 'dist') }
}
