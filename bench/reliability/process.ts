// The command line, built into a folder of its own, as a process in a group of its own, so that what outlives it is seen.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, symlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Holds everything that the trials need and make. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'crystal-onnx-reliability-'))

/** The command line, once it is built. */
export const CLI = join(FOLDER, 'dist/cli.js')

/** As a package that is installed looks, and out of reach of whoever builds here meanwhile. */
export function build(): void {
  execFileSync('npx', ['tsdown', '--out-dir', join(FOLDER, 'dist')], { cwd: ROOT, stdio: 'ignore' })
  copyFileSync(join(ROOT, 'package.json'), join(FOLDER, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(FOLDER, 'node_modules'))
}

export interface Running {
  readonly pid: number
  kill(signal: NodeJS.Signals): void
  /** Nobody reads this stream from now on. */
  leave(stream: 'stdout' | 'stderr'): void
}

export interface Ended {
  /** exit code, or the signal that it died of */
  readonly code: number | NodeJS.Signals
  readonly stderr: string
  readonly ms: number
  /** whether `interfere` was called before the end */
  readonly wasHit: boolean
  /** whether a process of the group is there after its end */
  readonly outlived: boolean
}

export interface RunOptions {
  /** file for standard output; it is read and thrown away without one */
  readonly stdout?: string
  /** the largest file that may be written, kB */
  readonly limit?: number
  /** when to call `interfere`, ms after the start */
  readonly after?: number
  readonly interfere?: (running: Running) => void
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { limit, stdout, after, interfere } = options
  const file: FileHandle | undefined = stdout === undefined ? undefined : await open(stdout, 'w')
  const limited = limit === undefined ? '' : `ulimit -f ${limit}; `
  const started = performance.now()
  const child = spawn('bash', ['-c', `${limited}exec "$@"`, 'bash', process.execPath, CLI, ...args], {
    detached: true,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', file?.fd ?? 'pipe', 'pipe'],
  })
  await file?.close()
  let stderr = ''
  let wasHit = false
  child.stdout?.resume()
  child.stderr!.on('data', (chunk) => (stderr += chunk))
  const running: Running = {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    leave: (stream) => void child[stream]?.destroy(),
  }
  const timer = setTimeout(() => {
    wasHit = true
    interfere?.(running)
  }, after)
  if (after === undefined) clearTimeout(timer)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', async (code, signal) => {
      clearTimeout(timer)
      const ms = performance.now() - started
      // What is killed can end nobody: its processes see that it is gone, once they have ended what they compute.
      for (let n = 0; signal === 'SIGKILL' && n < GRACE && isThere(-child.pid!); n++) await sleep(100)
      resolve({ code: code ?? signal!, stderr, ms, wasHit, outlived: isThere(-child.pid!) })
    })
  })
}

/** Its exit code, or the signal that it died of. */
export function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal!)))
}

/** Tenths of a second. */
const GRACE = 100

function isThere(group: number): boolean {
  try {
    process.kill(group, 0)
    return true
  } catch {
    return false
  }
}
