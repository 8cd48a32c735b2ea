// The address space that a process may have (ulimit -v). WebAssembly reserves ten gigabytes of addresses for each memory, and
// where they are not to be had, V8 ends the process or tries for minutes.

import { readFileSync } from 'node:fs'
import { PlatformError } from '../errors.ts'

/** Enough for training on two threads, GiB. */
const ENOUGH = 24

/** @throws PlatformError where there is too little to train */
export function refuseSmallAddressSpace(limits = '/proc/self/limits'): void {
  const gib = limitOf(limits) / 2 ** 30
  if (!(gib < ENOUGH)) return
  throw new PlatformError(
    `this process may have ${gib.toFixed(1)} GiB of addresses (ulimit -v), of which training reserves ${ENOUGH} GiB without ` +
      'using them; raise it (ulimit -v unlimited), and limit memory by a control group',
  )
}

/** Bytes; NaN where nothing is said, Linux alone says it. */
function limitOf(limits: string): number {
  try {
    return Number(/^Max address space\s+(\d+)/m.exec(readFileSync(limits, 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}
