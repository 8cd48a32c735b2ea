// Runs the command line as a script would: a process of its own, its output and exit code.

import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout parsed as JSON lines */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the command printed
  readonly lines: any[]
}

export function cli(...args: string[]): Promise<Ran> {
  return cliWith({}, ...args)
}

/** With variables of the environment besides those of this process; without colours, which picocolors adds on build machines. */
export function cliWith(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const program = ['--import', 'tsx', 'src/cli/main.ts', ...args]
    const child = spawn(process.execPath, program, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const lines = args.includes('--json')
        ? stdout
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line))
        : []
      resolve({ code, stdout, stderr, lines })
    })
  })
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'crystal-onnx-test-'))
}

export const fixture = (name: string) => join(root, 'test/fixtures', name)
export const example = (name: string) => join(root, 'examples/structures', name)
