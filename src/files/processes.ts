// Whether the process that left something behind is still there. Numbers of processes come again, in a container at every
// start of it, so a process is told by its number and by when it started.

import { readFileSync } from 'node:fs'

/** When a process started, in clock ticks since its machine did; undefined where /proc does not say. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22; the name of the program, in parentheses, may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** Changes when the machine starts; empty where /proc does not say. */
export function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Whether a process of this machine lives.
 * @param started what `startOf` said of it; undefined: any process of that number counts
 */
export function isAlive(pid: number, started: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return started === undefined || startOf(pid) === started
}
