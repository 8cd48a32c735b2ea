// Quotas of containers, as the kernel describes them in files.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { usableCores } from '../src/cores.ts'

const ALL = availableParallelism()

function root(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-cores-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

it.each([
  ['nothing', {}, ALL],
  ['no limit', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' }, ALL],
  ['a core', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '100000 100000\n' }, 1],
  ['half a core', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
  [
    'a core of a parent',
    {
      'proc/self/cgroup': '0::/a/b\n',
      'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/a/cpu.max': '100000 100000\n',
    },
    1,
  ],
  [
    'version 1',
    {
      'proc/self/cgroup': '4:memory:/x\n3:cpu,cpuacct:/x\n',
      'sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '100000\n',
      'sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000\n',
    },
    1,
  ],
  [
    'version 1 without a limit',
    {
      'proc/self/cgroup': '3:cpu,cpuacct:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    ALL,
  ],
  ['more than there is', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '99900000 100000\n' }, ALL],
])('%s', (_, files, cores) => {
  expect(usableCores(root(files as Record<string, string>))).toBe(cores)
})
