// The command `serve` in a process of its own, for the tests that ask it with the clients of others.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { CLI } from '../cli/run.ts'

/** A server in a process of its own. */
export interface Served {
  readonly url: string
  readonly grpc: string
  readonly log: Record<string, unknown>[]
  readonly pid: number
  readonly ended: Promise<number | null>
}

/** Resolves when it listens, on ports that are free. */
export async function serve(...args: string[]): Promise<Served> {
  const child = spawn(
    process.execPath,
    [CLI, 'serve', '--port', '0', '--grpc-port', '0', '--json', ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const log: Record<string, unknown>[] = []
  const { url, grpc } = await new Promise<Record<string, string>>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      log.push(JSON.parse(line))
      if (log.at(-1)!.message === 'listening') resolve(log.at(-1) as Record<string, string>)
    })
    lines.on('close', () => reject(new Error(JSON.stringify(log))))
  })
  return { url, grpc, log, pid: child.pid!, ended }
}
