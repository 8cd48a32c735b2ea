// onnx.checker.check_model(full_check=True) of many files in one Python process, where a Python with onnx is there.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonWith } from '../../python.ts'

export const python = pythonWith('import onnx')

/** For a test title: why the checker is skipped. */
export const CHECKER = python ? 'onnx.checker' : 'onnx.checker (no python3 here can import onnx)'

const SCRIPT = `
import glob, json, os, sys
import onnx
failures = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], '*.onnx'))):
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:
        failures[os.path.basename(path)[:-5]] = str(error)
print(json.dumps(failures))
`

/** What the checker says of each model that it refuses, by name. */
export function check(models: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-check-'))
  try {
    for (const [name, bytes] of models) writeFileSync(join(folder, `${encodeURIComponent(name)}.onnx`), bytes)
    return JSON.parse(execFileSync(python!, ['-c', SCRIPT, folder], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
