// One trial: a command, something that is done to it, and what has to be true afterwards.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../src/math/random/random.ts'
import type { Fault } from './faults.ts'
import { fingerprint, plain, type Reference } from './jobs.ts'
import { type Ended, run } from './process.ts'

export interface Trial {
  readonly job: string
  readonly fault: string
  /** Whether the command had ended before anything could be done to it. */
  readonly wasDone: boolean
  readonly output: 'new' | 'older' | 'none' | 'part'
  /** What was wrong; empty when nothing was. */
  readonly faults: readonly string[]
}

const OLDER = 'an older file'
/** What Node prints of an error that nobody caught. */
const STACK = /^\s+at \S+|^node:|Node\.js v\d/m

export async function tryOut(
  reference: Reference,
  fault: Fault,
  place: string,
  random: Random,
): Promise<Trial> {
  const { job } = reference
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  const path = join(place, job.output)
  const hasOlder = job.kind === 'file' && random.uniform() < 0.5 && !MOUNTS.has(fault.name)
  if (hasOlder) writeFileSync(path, OLDER)
  const ended = await fault.inflict(place, reference, random)
  const wrong = (isWrong: boolean, what: string) => (isWrong ? [what] : [])
  const whole = isWhole(ended.code)
  const faults = [
    ...wrong(!whole && !fault.codes(job).includes(ended.code), `exit code ${ended.code}`),
    ...wrong(STACK.test(ended.stderr), `a stack: ${ended.stderr.slice(0, 300)}`),
    ...wrong(ended.outlived, 'a process outlived it'),
    ...wrong(!fault.mayLeave && remains(place).length > 0, `left: ${remains(place).join()}`),
  ]
  const next = await afterwards(reference, place)
  // What can be gone on with is judged when it was.
  const output = job.again ? (next.length === 0 ? 'new' : 'part') : outputOf(reference, path, hasOlder)
  // Of what is printed a part may be there, but of whole lines.
  const mayBePart = job.kind === 'stdout' && output === 'part' && isBeginning(path, reference, fault)
  faults.push(
    ...wrong(output === 'part' && !mayBePart, 'a part of the output'),
    ...wrong(hasOlder && output === 'none', 'the older file is lost'),
    ...wrong(whole && output !== 'new' && !fault.takesOutput?.(job), 'success without the output'),
    ...next,
  )
  return { job: job.name, fault: fault.name, wasDone: !ended.wasHit, output, faults }
}

const MOUNTS = new Set(['ENOSPC', 'read-only'])

function isWhole(code: Ended['code']): boolean {
  return code === 0 || code === 3
}

function outputOf({ job, output }: Reference, path: string, hasOlder: boolean): Trial['output'] {
  const found = fingerprint(job, path)
  if (found === output) return 'new'
  if (found === 'nothing') return 'none'
  if (job.kind === 'stdout' && readFileSync(path).length === 0) return 'none'
  return hasOlder && readFileSync(path, 'utf8') === OLDER ? 'older' : 'part'
}

/** A full disk may cut a line; nothing else may. */
function isBeginning(path: string, { text }: Reference, { name }: Fault): boolean {
  const found = plain(readFileSync(path, 'utf8'))
  const cut = ['EFBIG', 'ENOSPC'].includes(name) ? found.slice(0, found.lastIndexOf('\n') + 1) : found
  return text.startsWith(cut) && (cut === '' || cut.endsWith('\n'))
}

/** The next command in the same folder: what can be gone on with is, and must end as if nothing had been. */
async function afterwards({ job, output }: Reference, place: string): Promise<string[]> {
  const faults: string[] = []
  if (job.again) {
    const ended = await run(job.again(place))
    if (ended.code !== 0) faults.push(`cannot be gone on with: ${ended.stderr.slice(-300)}`)
    else if (fingerprint(job, join(place, job.output)) !== output)
      faults.push('gone on with, it is another one')
  } else if (remains(place).length > 0) {
    await run(['data', 'generate', '--count', '1', '-o', join(place, 'next.jsonl')])
  }
  const left = remains(place)
  return left.length === 0 ? faults : [...faults, `left after the next command: ${left.join()}`]
}

/** What a command has for itself while it runs. */
function remains(place: string): string[] {
  return readdirSync(place, { recursive: true })
    .map(String)
    .filter((name) => /\.tmp$|lock\.json$/.test(name))
}
