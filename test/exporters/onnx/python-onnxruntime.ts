// The same files and numbers in onnxruntime of Python, many in one process: of another release, and of another build.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../../python.ts'

const python = pythonWith('import onnxruntime')

export const hasPythonOnnxruntime = python !== undefined
/** For a test title: why the comparison is skipped. */
export const PYTHON_ONNXRUNTIME = python
  ? 'onnxruntime of Python'
  : 'onnxruntime of Python (no python3 here can import it)'

export interface Numbers {
  readonly data: ArrayLike<number | bigint>
  readonly dims: readonly number[]
}

/** A file, what it was given, and what it gave. */
export interface Ran {
  readonly bytes: Uint8Array
  readonly inputs: Readonly<Record<string, Numbers & { readonly data: ArrayBufferView }>>
  readonly outputs: ReadonlyMap<string, Numbers>
}

const SCRIPT = fileURLToPath(new URL('./python-onnxruntime.py', import.meta.url))

/** What differs by more than `tolerance` of the largest number of an output, or of 1; one line a file and output. */
export function differencesInPython(ran: readonly Ran[], tolerance: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'python-onnxruntime-'))
  try {
    for (const [n, { bytes, inputs }] of ran.entries()) {
      writeFileSync(join(folder, `${n}.onnx`), bytes)
      const encoded = Object.entries(inputs).map(([name, { data, dims }]) => [
        name,
        { dims, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') },
      ])
      writeFileSync(join(folder, `${n}.json`), JSON.stringify(Object.fromEntries(encoded)))
    }
    execFileSync(python!, [SCRIPT, folder])
    return ran.flatMap(({ outputs }, n) => {
      const result = JSON.parse(readFileSync(join(folder, `${n}.out.json`), 'utf8'))
      if (result.error) return [`${n}: ${result.error}`]
      return [...outputs].flatMap(([name, wanted]) => {
        const found = new Float64Array(new Uint8Array(Buffer.from(result[name].data, 'base64')).buffer)
        const difference = differenceOf({ data: found, dims: result[name].dims }, wanted, tolerance)
        return difference ? [`${n}, ${name}: ${difference}`] : []
      })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function differenceOf(found: Numbers, wanted: Numbers, tolerance: number): string | undefined {
  if (String(found.dims) !== String(wanted.dims)) return `[${found.dims}], expected [${wanted.dims}]`
  const expected = Array.from(wanted.data, Number)
  const largest = expected.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1)
  for (const [n, value] of expected.entries()) {
    const other = Number(found.data[n])
    // What is too large for float32 is infinite there.
    const same =
      Object.is(Math.fround(other), Math.fround(value)) || Math.abs(other - value) <= tolerance * largest
    if (!same) return `element ${n} is ${other}, expected ${value}`
  }
  return undefined
}
