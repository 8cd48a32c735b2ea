// Before all tests: builds the package's entries for Node, so that tests which start the command line or use the package
// in a process of its own start what users start, and do not wait for every file to be compiled each time.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'
import { PACKAGE } from '../tsdown.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Below node_modules, where the dependencies are found. */
const DIST = join(root, 'node_modules/.cache/crystal-onnx/built/dist')

/** An entry of the package as it is built: `cli`, `runtimes`, … */
export function built(entry: string): string {
  return join(DIST, `${entry}.js`)
}

export default async function buildForNode(): Promise<void> {
  await build({
    ...PACKAGE,
    config: false,
    cwd: root,
    entry: Object.fromEntries(
      Object.entries(PACKAGE.entry).filter(([name]) => !/^(browser|web)$/.test(name)),
    ),
    outDir: DIST,
    dts: false,
    sourcemap: false,
    logLevel: 'error',
  })
}
