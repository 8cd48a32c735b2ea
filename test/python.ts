// Pythons for the tests that compare with packages of its world. `.ci/run` sets them up under node_modules.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Those of `.ci/run`: with onnx; with Triton's client and server; with KServe's client; with what looks at manifests. */
type Environment = 'python' | 'triton' | 'kserve' | 'manifests'

/** The first Python in which this statement runs, such as `import onnx`; undefined where none does. */
export function pythonWith(statement: string, environment: Environment = 'python'): string | undefined {
  const own = fileURLToPath(
    new URL(`../node_modules/.cache/crystal-onnx/${environment}/bin/python`, import.meta.url),
  )
  return [own, 'python3', '/usr/bin/python3'].find((command) => {
    try {
      execFileSync(command, ['-c', statement], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}
