// Whether a device really runs: a small graph is opened and evaluated on it, in a process of its own, since a broken
// driver can take the process down. What happens there is probe-process.ts.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { absentInNode, type NodeDevice } from '../../runtimes/node/devices.ts'

export interface Probed {
  readonly device: NodeDevice
  readonly runs: boolean
  /** milliseconds to open the graph and run it once */
  readonly ms?: number
  /** largest relative error against float64; float32 has 1e-7, TF32 1e-4 */
  readonly max_error?: number
  /** why it does not run, or not well enough */
  readonly reason?: string
}

export type Probe = (device: NodeDevice) => Promise<Probed>

/** A golden sample of a model must be met to 1e-5: a device that misses a plain product by more is of no use. */
const TOLERANCE = 1e-5
const TIMEOUT_MS = 60_000

export async function probe(device: NodeDevice): Promise<Probed> {
  const absent = absentInNode(device)
  return absent === undefined ? inProcess(device) : { device, runs: false, reason: absent }
}

/** What the process prints. */
export type Answer = { readonly ms: number; readonly max_error: number } | { readonly reason: string }

function inProcess(device: NodeDevice): Promise<Probed> {
  return new Promise((resolve) => {
    const program = [...probeProgram(), device]
    const child = execFile(process.execPath, program, { timeout: TIMEOUT_MS }, (error, stdout) => {
      process.off('exit', kill)
      const answer = parsed(stdout)
      if (answer === undefined) resolve({ device, runs: false, reason: howItEnded(error) })
      else if ('reason' in answer) resolve({ device, runs: false, ...answer })
      else if (answer.max_error <= TOLERANCE) resolve({ device, runs: true, ...answer })
      else {
        const reason = `a product is wrong by ${answer.max_error.toExponential(1)}, expected at most ${TOLERANCE}`
        resolve({ device, runs: false, ...answer, reason })
      }
    })
    // A driver may hang, and must not outlive who asked.
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
  })
}

/** The last line of what it prints: a driver may print before. */
function parsed(stdout: string): Answer | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}

function howItEnded(error: { killed?: boolean; signal?: unknown; code?: unknown } | null): string {
  if (error?.killed) return `no answer within ${TIMEOUT_MS / 1000} seconds`
  return `onnxruntime ended the process (${error?.signal ?? `exit code ${error?.code ?? 0}`})`
}

/** The program lies beside this file: JavaScript in the built package, TypeScript source in a checkout. */
function probeProgram(): string[] {
  return import.meta.url.endsWith('.ts')
    ? ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./probe-process.ts', import.meta.url))]
    : [fileURLToPath(new URL('./doctor.probe.js', import.meta.url))]
}
