// Before all tests: a temporary folder of this run, in which test files and the programs that they start make theirs; after
// all tests it is removed with whatever they left.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function temporary(): () => void {
  const before = process.env.TMPDIR
  // A short name: sockets of browsers and of engines lie in it, and their addresses have an end.
  const folder = mkdtempSync(join(tmpdir(), 'cx-'))
  process.env.TMPDIR = folder
  return () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
