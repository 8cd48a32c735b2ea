// Servers and tests of others that have the packed package, as in `npm run matrix`: its rows that need no programs besides
// Node. Skipped where the npm registry is not reached.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CELLS } from '../../bench/matrix/cells.ts'
import { isReached, pack } from '../../bench/matrix/project.ts'
import { projectsIn } from '../../bench/matrix/run.ts'
import { temporaryFolder } from '../cli/run.ts'

const reached = await isReached()
const folder = temporaryFolder()
const MINUTES = 60_000

/** Next.js takes a minute a build: the older one with webpack, the newer one with Turbopack. */
const TRIED = ['esbuild, a server in one file', 'Jest', 'Next.js 16, Turbopack', 'Next.js 15, webpack']

describe.skipIf(!reached)('where it runs (skipped where the npm registry is not reached)', () => {
  let projectOf: ReturnType<typeof projectsIn>
  let tarball: string
  const noted = process.env.NODE_ENV
  beforeAll(async () => {
    // Builds of others are not those of a test.
    delete process.env.NODE_ENV
    tarball = await pack(folder)
    projectOf = projectsIn(folder, tarball)
  }, 4 * MINUTES)
  afterAll(() => {
    process.env.NODE_ENV = noted
  })

  it.each(TRIED)(
    '%s',
    async (place) => {
      const cell = CELLS.find((cell) => cell.place === place)!
      expect(await cell.run(await projectOf(cell), tarball)).toMatch(/^\d+\./)
    },
    10 * MINUTES,
  )
})
