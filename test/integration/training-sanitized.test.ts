// The kernels of training in C under the sanitizers of gcc: no place beyond an array is read or written, whatever the sizes.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../cli/run.ts'
import { AVX2, compilation, hasAvx2, hasSanitizers, SANITIZED } from '../sanitizers.ts'

const run = promisify(execFile)
const CASES = 200
const BUILDS = [{ name: 'four lanes', flags: SANITIZED }]
if (hasAvx2()) BUILDS.push({ name: 'eight lanes', flags: [...SANITIZED, ...AVX2] })
const folder = temporaryFolder()

describe.skipIf(!hasSanitizers())('kernels of training (skipped: no gcc with sanitizers here)', () => {
  it.each(BUILDS)(
    '$name: no report',
    async ({ name, flags }) => {
      const program = join(folder, name.replace(' ', '-'))
      await run('gcc', compilation(program, ['src/engines/source'], 'test/engines/sanitized.c', flags))
      const { stdout } = await run(program, [String(CASES)])
      expect(Number(/^(\d+) calls$/m.exec(stdout)![1])).toBeGreaterThan(4 * CASES)
    },
    240_000,
  )
})
