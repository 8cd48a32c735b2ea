// Any number of crystals through `predict - --json`: extended XYZ, packed, into standard input. Every line has to be there, in
// order, and memory may not grow with them.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export interface Streamed {
  readonly crystals: number
  readonly seconds: number
  /** resident megabytes of the command at every tenth */
  readonly megabytes: readonly number[]
  /** what was wrong; empty when nothing was */
  readonly faults: readonly string[]
}

/** @param cli the built command line @param model a model file, or the name of one that comes with the package */
export async function streamCrystals(
  { cli, count, model }: { readonly cli: string; readonly count: number; readonly model: string },
  onProgress: (message: string) => void = () => {},
): Promise<Streamed> {
  const start = performance.now()
  const child = spawn(process.execPath, [cli, 'predict', '-', '-m', model, '--device', 'cpu', '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const fed = pipeline(Readable.from(frames(count)), createGzip({ level: 1 }), child.stdin)
  const megabytes: number[] = []
  const faults: string[] = []
  let next = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const { index, error } = JSON.parse(line)
    if (index !== next && faults.length < 10) faults.push(`line ${next} is of crystal ${index}`)
    if (error && faults.length < 10) faults.push(`crystal ${index}: ${error.message}`)
    next++
    if (next % Math.ceil(count / 10) !== 0) continue
    megabytes.push(residentMegabytes(child.pid!))
    onProgress(`${next} crystals, ${megabytes.at(-1)!.toFixed(0)} MB`)
  }
  await fed
  const code = await ended
  if (code !== 0) faults.push(`exit code ${code}`)
  if (next !== count) faults.push(`${next} lines for ${count} crystals`)
  return { crystals: next, seconds: (performance.now() - start) / 1000, megabytes, faults }
}

/** Cubic crystals of two atoms, no two alike. */
function* frames(count: number): Generator<string> {
  for (let n = 0; n < count; n++) {
    const edge = (4 + 1e-6 * n).toFixed(6)
    yield `2\nLattice="${edge} 0 0 0 ${edge} 0 0 0 ${edge}" Properties=species:S:1:pos:R:3 pbc="T T T"\n` +
      'Na 0 0 0\nCl 2 2 2\n'
  }
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)![1]) / 1024
}
