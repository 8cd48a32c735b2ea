// How many cores this process may keep busy: those that it may run on, within the quota of its container. Node before 24 does
// not look at the quota, and sixty threads on two cores wait for each other.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

/** @param root of the file system, where control groups are described */
export function usableCores(root = '/'): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quota(root))))
}

/** Cores that the control groups of this process allow in the mean; Infinity where nothing is said. */
function quota(root: string): number {
  const groups = textOf(join(root, 'proc/self/cgroup')) ?? ''
  // Version 2: one group, whose parents have quotas, too.
  let least = Number.POSITIVE_INFINITY
  for (let group = /^0::(.*)$/m.exec(groups)?.[1] ?? '/'; ; group = dirname(group)) {
    const [most, period] = (textOf(join(root, 'sys/fs/cgroup', group, 'cpu.max')) ?? '').split(/\s+/)
    least = Math.min(least, cores(most, period))
    if (group === dirname(group)) break
  }
  // Version 1 names the groups of each resource.
  const group = /^\d+:(?:[^:\n]*,)?cpu(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1] ?? '/'
  for (const place of [group, '/']) {
    const of = (name: string) => textOf(join(root, 'sys/fs/cgroup/cpu', place, name))
    least = Math.min(least, cores(of('cpu.cfs_quota_us'), of('cpu.cfs_period_us')))
  }
  return least
}

/** `200000 100000` are two; `max`, -1 and what is missing are no limit. */
function cores(most: string | undefined, period: string | undefined): number {
  const share = Number(most) / Number(period)
  return share > 0 ? share : Number.POSITIVE_INFINITY
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
