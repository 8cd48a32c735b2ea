// The page of web/, served beside the models: its files as they were built, and the card of each model for it, which says what
// is predicted and from what. A page of the same origin may ask what its policy lets it.

import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { ConfigError } from '../errors.ts'

const TYPES: Readonly<Record<string, string>> = {
  ...{
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
  },
  ...{ '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.json': 'application/json' },
}

/** Names under assets/ tell their content. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/** Each file has an address of its own: nothing else of the disk can be asked for. @throws ConfigError for another folder */
export async function pageRoutes(app: FastifyInstance, folder: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const paths = files.map((file) => file.slice(join(folder, sep).length).split(sep).join('/'))
  if (!paths.includes('index.html')) {
    throw new ConfigError(
      `page ${folder}: no index.html there; build the page (npm run web:build) and name its web/dist`,
    )
  }
  const schema = { hide: true } as object
  for (const [n, path] of paths.entries()) {
    // A page has no key before somebody gave it one: it is public as it lies there.
    for (const at of path === 'index.html' ? ['/', '/index.html'] : [`/${path}`]) {
      app.get(at, { schema, config: { open: true } }, async (_, reply) => {
        reply.type(TYPES[extname(path)] ?? 'application/octet-stream')
        reply.header('cache-control', path.startsWith('assets/') ? FOR_EVER : 'no-cache')
        // What shared memory takes, and with it threads.
        reply.header('cross-origin-opener-policy', 'same-origin')
        reply.header('cross-origin-embedder-policy', 'require-corp')
        return reply.send(createReadStream(files[n]))
      })
    }
  }
}
