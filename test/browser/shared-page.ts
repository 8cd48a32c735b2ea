// The page as it is built, once for all test files of a run: it takes longer than most of them. The first that needs it builds
// it, in the temporary folder of the run, and others wait.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPage } from './built-page.ts'

const WAIT_MS = 200
const LONGEST_MS = 200_000

/** The folder of the built page, for reading only. @throws Error where the build failed, here or in another test file */
export async function builtPage(): Promise<string> {
  const [folder, done, failed] = ['page', 'page-done', 'page-failed'].map((name) => join(tmpdir(), name))
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    try {
      await buildPage(folder)
    } catch (error) {
      writeFileSync(failed, '')
      throw error
    }
    writeFileSync(done, '')
  }
  for (const start = performance.now(); !existsSync(done); ) {
    if (existsSync(failed)) throw new Error('the page could not be built; another test file says why')
    if (performance.now() - start > LONGEST_MS)
      throw new Error(`the page was not built within ${LONGEST_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
  return folder
}
