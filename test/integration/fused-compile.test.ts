// The committed files of the fused engine are what its source compiles to, byte by byte, on any machine. Compiled here in
// another folder than those who committed them had.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Compiler, compileFused, findCompiler, GENERATED } from '../../runtimes/fused/compile.ts'

const compiler: Compiler | Error = await findCompiler().catch((error: Error) => error)
const reason = compiler instanceof Error ? ` (skipped: ${compiler.message})` : ''

describe.skipIf(compiler instanceof Error)(`generated/${reason}`, () => {
  let files: Map<string, Uint8Array>
  beforeAll(async () => {
    files = await compileFused(compiler as Compiler)
  }, 600_000)

  it('holds these files', () => {
    expect(readdirSync(GENERATED).sort()).toEqual([...files.keys()].sort())
  })

  it('is what source/ compiles to (else: npm run kernels)', () => {
    const stale = [...files].filter(([name, bytes]) => !readFileSync(join(GENERATED, name)).equals(bytes))
    expect(stale.map(([name]) => name)).toEqual([])
  })
})
