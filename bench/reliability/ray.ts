// Screening by Ray (examples/ray) whose Node processes, actors and driver are killed at random moments; the driver is started again.
// What is there at the end has to be what an undisturbed run leaves, byte by byte.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { random } from '../../src/math/random/xoshiro.ts'
import { endOf } from './process.ts'

export interface RayResult {
  readonly kills: Readonly<Record<Victim, number>>
  /** that came to their end and were compared */
  readonly screenings: number
  /** what was wrong; empty when nothing was */
  readonly faults: readonly string[]
}

const VICTIMS = ['node', 'actor', 'driver'] as const
type Victim = (typeof VICTIMS)[number]

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PYTHON = join(ROOT, 'node_modules/.cache/crystal-onnx/ray/bin/python')
const SCRIPT = join(ROOT, 'examples/ray/crystal_screen.py')
const [FILES, CRYSTALS] = [40, 50]
/** Seconds between two kills, at most. */
const LONGEST = 4
/** Seconds after the end of a driver in which its processes have to be gone. */
const GRACE = 60
/** Tells processes of these trials from others: in the environment of all of them. */
const MARK = 'CRYSTAL_ONNX_RELIABILITY'

/** @param cli the built command line */
export async function screenByRay(
  { cli, folder, kills, seed }: { cli: string; folder: string; kills: number; seed: number },
  onProgress: (message: string) => void,
): Promise<RayResult> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is not there: .ci/run installs Ray`)
  mkdirSync(folder, { recursive: true })
  const inputs = writeInputs(folder)
  const drive = (out: string) =>
    spawn(
      PYTHON,
      [
        ...[SCRIPT, ...inputs, '-o', join(folder, out), '--id', 'id', '--workers', '2'],
        ...['--command', `${process.execPath} ${cli}`],
      ],
      { stdio: 'ignore', env: { ...process.env, [MARK]: folder } },
    )
  const count: Record<Victim, number> = { node: 0, actor: 0, driver: 0 }
  const all = () => VICTIMS.reduce((sum, victim) => sum + count[victim], 0)
  const faults: string[] = []
  const draw = random(seed)
  const first = drive('reference')
  if ((await endOf(first)) !== 0) throw new Error('the driver fails where nothing is done to it')
  const expected = contentOf(join(folder, 'reference'))
  await gone(folder, faults)

  let screenings = 0
  while (all() < kills && faults.length < 10) {
    const driver = drive('killed')
    const ended = endOf(driver)
    let isOver = false
    ended.then(() => (isOver = true))
    // Nothing is there yet in the first seconds.
    while (!isOver && processesOf(folder).actor.length === 0) await sleep(100)
    while (!isOver && all() < kills) {
      await Promise.race([ended, sleep(1000 * draw.between(0, LONGEST))])
      const victim = draw.pick(['node', 'node', 'node', 'actor', 'actor', 'actor', 'driver'] as const)
      const pid = victim === 'driver' ? driver.pid : draw.pick([...processesOf(folder)[victim], undefined])
      if (isOver || pid === undefined || !kill(pid)) continue
      count[victim]++
      onProgress(`${all()} of ${kills}: ${victim}`)
      if (victim === 'driver') break
    }
    const code = await ended
    await gone(folder, faults)
    if (code === 'SIGKILL') continue
    if (code !== 0) faults.push(`the driver ended with ${code}`)
    screenings++
    const different = differences(contentOf(join(folder, 'killed')), expected)
    if (different !== '') faults.push(`screening ${screenings} is another one: ${different}`)
    rmSync(join(folder, 'killed'), { recursive: true })
  }
  if (existsSync(join(folder, 'killed'))) {
    if ((await endOf(drive('killed'))) !== 0) faults.push('the last driver failed')
    screenings++
    const different = differences(contentOf(join(folder, 'killed')), expected)
    if (different !== '') faults.push(`the last screening is another one: ${different}`)
    await gone(folder, faults)
  }
  return { kills: count, screenings, faults }
}

/** Names and hashes of everything in a folder of results. */
function contentOf(out: string): string[] {
  const hashOf = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex')
  return readdirSync(out)
    .sort()
    .map((name) => `${name} ${hashOf(name)}`)
}

/** What is in one of two folders alone. */
function differences(one: readonly string[], other: readonly string[]): string {
  const only = (a: readonly string[], b: readonly string[]) => a.filter((entry) => !b.includes(entry))
  return [...only(one, other), ...only(other, one)].slice(0, 4).join(', ')
}

/** Waits until no process of a driver is left. */
async function gone(folder: string, faults: string[]): Promise<void> {
  for (let n = 0; n < 10 * GRACE; n++) {
    if (processesOf(folder).all.length === 0) return
    await sleep(100)
  }
  const left = processesOf(folder).all
  faults.push(`${left.length} processes outlived the driver`)
  left.forEach(kill)
}

/** Living processes that a driver of these trials started. */
function processesOf(folder: string): {
  readonly node: number[]
  readonly actor: number[]
  readonly all: number[]
} {
  const found = { node: [] as number[], actor: [] as number[], all: [] as number[] }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK}=${folder}\0`)) continue
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      found.all.push(Number(pid))
      if (line.startsWith('ray::') && line.includes('Screener')) found.actor.push(Number(pid))
      else if (readlinkSync(`/proc/${pid}/exe`) === process.execPath) found.node.push(Number(pid))
    } catch {
      // It has ended meanwhile.
    }
  }
  return found
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

function writeInputs(folder: string): string[] {
  const draw = random(5)
  return Array.from({ length: FILES }, (_, file) => {
    const path = join(folder, `in-${file}.jsonl`)
    const lines = Array.from({ length: CRYSTALS }, (_, n) => {
      // One in every file is no crystal.
      const edge = n === file ? 0 : draw.between(4, 6)
      const lattice = [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? edge : 0)))
      const frac = [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ]
      return JSON.stringify({ id: `${file}-${n}`, lattice, frac, numbers: [11 + draw.integer(9), 17] })
    })
    writeFileSync(path, lines.join('\n'))
    return path
  })
}
