// What other processes take, where there is /proc of Linux.

import { readFileSync } from 'node:fs'

/** ms of a tick. */
const TICK_MS = 10

/** Processes that a process has started, and that are there; undefined where there is no /proc. */
export function childrenOf(pid: number): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return undefined
  }
}

/** Processor time and memory of a process and of those that it has started; undefined where there is no /proc. */
export function usageOf(pid: number): { readonly processorMs: number; readonly bytes: number } | undefined {
  try {
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    const ticks = read('stat').split(') ')[1].split(' ').slice(11, 13)
    return childrenOf(pid)!
      .map((child) => usageOf(child)!)
      .reduce(
        (sum, { processorMs, bytes }) => ({
          processorMs: sum.processorMs + processorMs,
          bytes: sum.bytes + bytes,
        }),
        {
          processorMs: (Number(ticks[0]) + Number(ticks[1])) * TICK_MS,
          bytes: 1024 * Number(/VmRSS:\s+(\d+)/.exec(read('status'))![1]),
        },
      )
  } catch {
    return undefined
  }
}
