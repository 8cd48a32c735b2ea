// The fused engine given what nobody made in good faith, in C: with the sanitizers of gcc, which report any access and any
// conversion that is not defined, and any race of threads, and as it is compiled for two kinds of processors without them.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../cli/run.ts'
import { dump, NETWORKS } from '../runtimes/fused/dump.ts'
import { AVX2, compilation, hasAvx2, hasSanitizers, RACES, SANITIZED } from '../sanitizers.ts'

const run = promisify(execFile)

/** Changed networks, batches and arguments. */
const CASES = 10_000
/** Of them, where every access is compared with those of other threads. */
const WATCHED = 2_000

const BUILDS = [
  { name: 'sanitized', flags: SANITIZED, runs: true, cases: CASES },
  { name: 'sanitized, avx2', flags: [...SANITIZED, ...AVX2], runs: hasAvx2(), cases: CASES },
  { name: 'watched for races', flags: RACES, runs: true, cases: WATCHED },
  { name: 'optimised', flags: ['-O1'], runs: true, cases: CASES },
  { name: 'optimised, avx2', flags: ['-O1', ...AVX2], runs: hasAvx2(), cases: CASES },
]

const folder = temporaryFolder()
const numbers = join(folder, 'networks')

function compile(program: string, source: string, flags: readonly string[]): string[] {
  return compilation(program, ['runtimes/fused/source'], `test/runtimes/fused/${source}`, flags)
}

describe.skipIf(!hasSanitizers())('hostile input (skipped: no gcc with sanitizers here)', () => {
  beforeAll(() => writeFileSync(numbers, dump()))

  it.each(BUILDS.filter(({ runs }) => runs))(
    '$name: right values, and no report or crash',
    async ({ name, flags, cases }) => {
      const program = join(folder, name.replace(', ', '-'))
      await run('gcc', compile(program, 'hostile.c', flags))
      const { stdout } = await run(program, [numbers, String(cases)])
      const [, networks, error] = /^(\d+) networks, error (\S+)$/m.exec(stdout)!
      expect(Number(networks)).toBe(Object.keys(NETWORKS).length)
      expect(Number(error)).toBeLessThan(1e-5)
      // Neither everything is refused, nor is anything refused for one reason alone.
      const counts = /^(\d+) computed, (\d+) plans, (\d+) batches and (\d+) memories refused$/m.exec(stdout)!
      const [computed, plans, batches, memories] = counts.slice(1).map(Number)
      expect(computed + plans + batches + memories).toBe(cases)
      for (const found of [computed, plans, batches, memories]) expect(found).toBeGreaterThan(cases / 200)
    },
    120_000,
  )

  it.each(BUILDS.filter(({ runs }) => runs))(
    '$name: cells, too',
    async ({ name, flags, cases }) => {
      const program = join(folder, `cells-${name.replace(', ', '-')}`)
      await run('gcc', compile(program, 'hostile-cells.c', flags))
      const { stdout } = await run(program, [String(cases)])
      const [computed, refused] = /^(\d+) computed, (\d+) refused$/m.exec(stdout)!.slice(1).map(Number)
      expect(computed + refused).toBe(cases)
      for (const found of [computed, refused]) expect(found).toBeGreaterThan(cases / 10)
    },
    120_000,
  )
})
