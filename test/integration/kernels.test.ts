// The committed files are what their sources compile to, byte by byte, on any machine. Compiled here in another folder than
// those who committed them had.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Compiler, compileProgram, findCompiler, generatedOf } from '../../src/kernels/compile.ts'
import { PROGRAMS } from '../../src/kernels/targets.ts'

const compiler: Compiler | Error = await findCompiler().catch((error: Error) => error)
const reason = compiler instanceof Error ? ` (skipped: ${compiler.message})` : ''

describe.skipIf(compiler instanceof Error).each(PROGRAMS)(`$folder/generated/${reason}`, (program) => {
  let files: Map<string, Uint8Array>
  beforeAll(async () => {
    files = await compileProgram(compiler as Compiler, program)
  }, 600_000)

  it('holds these files', () => {
    expect(readdirSync(generatedOf(program)).sort()).toEqual([...files.keys()].sort())
  })

  it('is what source/ compiles to (else: npm run kernels)', () => {
    const stale = [...files].filter(
      ([name, bytes]) => !readFileSync(join(generatedOf(program), name)).equals(bytes),
    )
    expect(stale.map(([name]) => name)).toEqual([])
  })
})
