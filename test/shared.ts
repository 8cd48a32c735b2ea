// Where the large reference material lies, and whether it is there. The project ships small fixtures in
// test/fixtures; tests that need more look here and are skipped, with the reason, where it is absent.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = process.env.CRYSTAL_ONNX_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url))

/** Path of a file or folder of the reference material, or undefined when it is not on this machine. */
export function shared(path: string): string | undefined {
  const full = `${root}/${path}`
  return existsSync(full) ? full : undefined
}

/** For `describe.skipIf(...)`: a title that says why a suite is skipped. */
export function needs(path: string): string {
  return shared(path) ? path : `${path} is not on this machine (set CRYSTAL_ONNX_SHARED)`
}
