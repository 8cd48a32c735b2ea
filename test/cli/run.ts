// Runs the command line as a script would: a process of its own, its output and exit code.

import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { built } from '../built.ts'

/** The command line, built. */
export const CLI = built('cli')

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
export async function cliWith(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const ran = await collected(process.execPath, [CLI, ...args], env)
  const lines = args.includes('--json')
    ? ran.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : []
  return { ...ran, lines }
}

/**
 * Runs some bash in which `cx` is the command line: for pipes, redirections, limits and signals. The current folder is the
 * checkout; `code` is that of the last command, and `\${PIPESTATUS[0]}` that of one before a pipe.
 */
export function shell(script: string, env: Record<string, string> = {}): Promise<Omit<Ran, 'lines'>> {
  const cx = `cx() { "${process.execPath}" "${CLI}" "$@"; }`
  return collected('bash', ['-c', `${cx}\n${script}`], env)
}

function collected(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Omit<Ran, 'lines'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, NO_COLOR: '1', ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'crystal-onnx-test-'))
}

export const fixture = (name: string) => join(root, 'test/fixtures', name)
export const example = (name: string) => join(root, 'examples/structures', name)
