// What is done to a command, and how it has to end. Those that need rights that are not there say why they are left out.

import { spawnSync } from 'node:child_process'
import type { Random } from '../../src/math/random/random.ts'
import type { Job, Reference } from './jobs.ts'
import { type Ended, type Running, type RunOptions, run } from './process.ts'

export interface Fault {
  readonly name: string
  /** Undefined where it can be tried. */
  readonly absent?: string
  readonly suits: (job: Job) => boolean
  /** The codes that a command may end with when it was hit; one that was not ends as ever. */
  readonly codes: (job: Job) => readonly Ended['code'][]
  /** Whether what a process could not remove itself may lie there until the next command. */
  readonly mayLeave?: boolean
  /** Whether nothing is there to look at, since the output went to a reader that left. */
  readonly takesOutput?: (job: Job) => boolean
  /** Runs the command with its output in `place`, an empty folder, and does it. */
  readonly inflict: (place: string, reference: Reference, random: Random) => Promise<Ended>
}

const every = () => true
const isFile = ({ kind }: Job) => kind !== 'stdout'

function signal(name: NodeJS.Signals, code: number | NodeJS.Signals): Fault {
  return {
    name,
    suits: every,
    // By the signal itself, which a shell shows as the same number, before the command has begun.
    codes: () => [code, name],
    mayLeave: name === 'SIGKILL',
    inflict: (place, reference, random) =>
      start(place, reference, {
        after: momentOf(reference, random),
        interfere: ({ kill }) => kill(name),
      }),
  }
}

function leaving(stream: 'stdout' | 'stderr'): Fault {
  return {
    name: `EPIPE ${stream}`,
    suits: every,
    codes: ({ name }) => (name === 'data check' ? [0, 3] : [0]),
    takesOutput: ({ kind }) => kind === 'stdout' && stream === 'stdout',
    inflict: (place, reference, random) => {
      const options = { after: momentOf(reference, random), interfere: (r: Running) => r.leave(stream) }
      return stream === 'stdout' ? run(reference.job.args(place), options) : start(place, reference, options)
    },
  }
}

export const FAULTS: readonly Fault[] = [
  signal('SIGKILL', 'SIGKILL'),
  signal('SIGTERM', 143),
  signal('SIGINT', 130),
  signal('SIGHUP', 129),
  leaving('stdout'),
  leaving('stderr'),
  {
    name: 'EFBIG',
    suits: every,
    codes: () => [1],
    inflict: (place, reference, random) =>
      start(place, reference, { limit: random.integer(reference.kilobytes), after: 0 }),
  },
  {
    name: 'ENOSPC',
    absent: whyNoMount(),
    suits: every,
    codes: () => [1],
    inflict: (place, reference, random) =>
      mounted(place, `size=${4 * (1 + random.integer(Math.ceil(reference.kilobytes / 4)))}k`, () =>
        start(place, reference, { after: 0 }),
      ),
  },
  {
    name: 'read-only',
    absent: whyNoMount(),
    suits: isFile,
    codes: () => [1],
    mayLeave: true,
    inflict: (place, reference, random) =>
      mounted(place, 'size=64m', () =>
        start(place, reference, {
          after: momentOf(reference, random),
          interfere: ({ pid }) => protect(place, pid),
        }),
      ),
  },
]

function start(place: string, { job }: Reference, options: RunOptions): Promise<Ended> {
  return run(job.args(place), { stdout: job.kind === 'stdout' ? `${place}/stdout` : undefined, ...options })
}

function momentOf({ ms }: Reference, random: Random): number {
  return random.between(0, ms)
}

/** Runs on a file system of its own, which is writable again at the end, its content copied into the folder. */
async function mounted(place: string, options: string, work: () => Promise<Ended>): Promise<Ended> {
  mount('-t', 'tmpfs', '-o', options, 'tmpfs', place)
  try {
    return await work()
  } finally {
    mount('-o', 'remount,rw,size=64m', place)
    const copy =
      'mkdir "$1.copy" && cp -a "$1/." "$1.copy" && umount "$1" && cp -a "$1.copy/." "$1" && rm -r "$1.copy"'
    spawnSync('bash', ['-c', copy, 'bash', place])
  }
}

/** The system refuses while a file is open for writing: tried until it is not, or the process has ended. */
function protect(place: string, pid: number): void {
  const isDone = spawnSync('mount', ['-o', 'remount,ro', place]).status === 0
  if (isDone) return
  try {
    process.kill(pid, 0)
    setTimeout(() => protect(place, pid), 2)
  } catch {
    // It has ended before.
  }
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`)
}

function whyNoMount(): string | undefined {
  const tried = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' })
  return tried.status === 0 ? undefined : 'no file system can be mounted here (it takes root)'
}
