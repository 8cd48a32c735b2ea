// A training on more crystals than are kept in memory, in a heap that would not hold them, killed at random moments and gone on
// with: the same weights, domain and errors as of one that nothing was done to.

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../src/math/random/random.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { endOf } from './process.ts'

export interface ManyResult {
  readonly crystals: number
  readonly kills: number
  /** of the run that nothing was done to */
  readonly seconds: number
  /** largest resident megabytes of that run */
  readonly megabytes: number
  /** what was wrong; empty when nothing was */
  readonly faults: readonly string[]
}

/** Of three sites in the mean: more than 250,000 in all, from which on they stay on the disk. */
const CRYSTALS = 100_000
const FILES = 2
/** MB of objects in JavaScript. As objects the crystals alone take 150. */
const HEAP = 256
const TINY = {
  ...{ num_layers: 1, model_dim: 16, head_num: 2, ff_dim: 16, embedding_dim: [16] },
  value_pe_dist_real: 8,
}

/** @param cli the built command line @param kills before it may come to its end */
export async function trainMany(
  { cli, folder, kills, seed }: { cli: string; folder: string; kills: number; seed: number },
  onProgress: (message: string) => void,
): Promise<ManyResult> {
  mkdirSync(folder, { recursive: true })
  const files = writeCrystals(folder)
  writeFileSync(join(folder, 'tiny.json'), JSON.stringify(TINY))
  const start = (run: string) =>
    spawn(
      process.execPath,
      [
        ...[`--max-old-space-size=${HEAP}`, cli, 'train', ...files, '--target', 'energy'],
        ...['--config', join(folder, 'tiny.json'), '--cutoff', '2.2', '--epochs', '3', '--swa-epochs', '1'],
        ...['--batch-size', '1024', '--threads', '1', '--json', '--resume', '-o', join(folder, run)],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
  const began = performance.now()
  const whole = start('whole')
  let text = ''
  whole.stdout.on('data', (chunk) => (text += chunk))
  const faults: string[] = []
  const code = await endOf(whole)
  if (code !== 0) faults.push(`the run that nothing was done to ended with ${code}`)
  const seconds = (performance.now() - began) / 1000
  const megabytes = Math.max(...[...text.matchAll(/"peak_memory_mb":(\d+)/g)].map(([, mb]) => Number(mb)))
  onProgress(`${seconds.toFixed(0)} s, ${megabytes} MB`)
  // The index is made anew, too.
  const index = join(folder, '.crystal-onnx')
  rmSync(index, { recursive: true })
  const draw: Random = random(seed)
  let done = 0
  while (done < kills) {
    const child = start('killed')
    child.stdout.resume()
    const timer = setTimeout(() => child.kill('SIGKILL'), (draw.between(0, 0.6) * seconds + 1) * 1000)
    const ended = await endOf(child)
    clearTimeout(timer)
    if (ended === 'SIGKILL') onProgress(`killed ${++done} of ${kills}`)
    else if (ended === 0) {
      compare(folder, index, faults)
      for (const path of [index, join(folder, 'killed')]) rmSync(path, { recursive: true })
    } else faults.push(`exit code ${ended}`)
    if (faults.length > 10) break
  }
  const last = start('killed')
  last.stdout.resume()
  const end = await endOf(last)
  if (end === 0) compare(folder, index, faults)
  else faults.push(`the last one ended with ${end}`)
  return { crystals: CRYSTALS, kills: done, seconds, megabytes, faults }
}

function compare(folder: string, index: string, faults: string[]): void {
  for (const name of ['weights.safetensors', 'domain.json', 'evaluation.json']) {
    const [one, other] = ['whole', 'killed'].map((run) => readFileSync(join(folder, run, name)))
    if (!one.equals(other)) faults.push(`${name} is another one`)
  }
  const left = [...readdirSync(index), ...readdirSync(join(folder, 'killed'), { recursive: true })]
  for (const name of left.map(String).filter((name) => /\.tmp$|lock/.test(name))) faults.push(`left: ${name}`)
}

/** Cubic cells of two to four atoms of any elements: few are alike. */
function writeCrystals(folder: string): string[] {
  const draw = random(8)
  return Array.from({ length: FILES }, (_, file) => {
    const path = join(folder, `part-${file}.jsonl`)
    const lines = Array.from({ length: CRYSTALS / FILES }, (_, n) => {
      const sites = 2 + (n % 3)
      const edge = draw.between(4, 6)
      const numbers = Array.from({ length: sites }, () => 3 + draw.integer(50))
      return JSON.stringify({
        id: `c${file}-${n}`,
        lattice: [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? edge : 0))),
        frac: numbers.map((_, site) => [site / sites, (site % 2) / 2, (site % 3) / 3]),
        numbers,
        split: n % 10 === 0 ? 'val' : n % 10 === 1 ? 'test' : 'train',
        targets: { energy: numbers[0] / 50 - edge },
      })
    })
    writeFileSync(path, lines.join('\n'))
    return path
  })
}
