// A Python for the tests that compare with packages of its world. `.ci/run` sets one up under node_modules.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const OWN = fileURLToPath(
  new URL('../../../node_modules/.cache/crystal-onnx/python/bin/python', import.meta.url),
)

/** The first Python in which this statement runs, such as `import onnx`; undefined where none does. */
export function pythonWith(statement: string): string | undefined {
  return [OWN, 'python3', '/usr/bin/python3'].find((command) => {
    try {
      execFileSync(command, ['-c', statement], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}
