// Vite plugin: writes service-worker.js with the list of the files that were built, and a version that changes when any
// of them does. Runs in Node, when the page is built; nothing of it is in the page.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, transformWithEsbuild } from 'vite'

/** onnxruntime's are kept by runtimes/web, the one that is used; two of them are more than the rest together. */
const NOT_KEPT = /(?:^|\/)ort-[^/]*\.wasm$|^_headers$/
/** What few visitors need is kept once it was used. */
const KEPT_LATER = /(?:^|\/)(?:fine-tune-worker|tfjs-backend)-[^/]*$/

export function precache(): Plugin {
  let folder = ''
  return {
    name: 'precache',
    apply: 'build',
    configResolved(config) {
      folder = config.publicDir
    },
    async generateBundle(_, bundle) {
      const files = new Map<string, string | Uint8Array>()
      for (const [name, output] of Object.entries(bundle)) {
        files.set(name, output.type === 'chunk' ? output.code : output.source)
      }
      for (const path of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!path.isFile()) continue
        const file = join(path.parentPath, path.name)
        files.set(relative(folder, file).split(sep).join('/'), readFileSync(file))
      }
      const own = [...files.keys()].filter((name) => !NOT_KEPT.test(name) && name !== 'index.html').sort()
      const [kept, later] = [false, true].map((is) => own.filter((name) => KEPT_LATER.test(name) === is))
      const version = createHash('sha256')
      for (const name of ['index.html', ...own]) version.update(`${name}\n`).update(files.get(name) ?? '')
      const source = fileURLToPath(new URL('service-worker.ts', import.meta.url))
      const { code } = await transformWithEsbuild(readFileSync(source, 'utf8'), source, {
        minify: true,
        define: {
          PAGE_FILES: JSON.stringify(kept),
          PAGE_FILES_LATER: JSON.stringify(later),
          PAGE_VERSION: JSON.stringify(version.digest('hex').slice(0, 16)),
        },
      })
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: code })
    },
  }
}
