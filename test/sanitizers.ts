// Programs in C with the sanitizers of gcc, which report any access and any conversion that is not defined.

import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAddon } from '../runtimes/node/addon.ts'
import { root } from './imports.ts'

export const SANITIZED = [
  '-Og',
  '-g',
  '-fsanitize=address,undefined,float-cast-overflow',
  '-fno-sanitize-recover=all',
]
/** What several threads read and write in the same place without waiting for each other. */
export const RACES = ['-O1', '-g', '-fsanitize=thread']
export const AVX2 = ['-mavx2', '-mfma']

/** Whether this processor has AVX2: the addon knows. */
export function hasAvx2(): boolean {
  const addon = process.arch === 'x64' ? loadAddon() : ''
  return typeof addon !== 'string' && addon.use_variant('avx2')
}

/** Arguments of gcc for a program of one file. @param folders of what it includes beside src/kernels/source */
export function compilation(
  program: string,
  folders: readonly string[],
  source: string,
  flags: readonly string[],
): string[] {
  const includes = ['src/kernels/source', ...folders].map((folder) => `-I${join(root, folder)}`)
  return [
    ...['-std=gnu11', '-fno-math-errno', ...flags, ...includes, join(root, source)],
    ...['-lm', '-o', program],
  ]
}

/** Whether gcc is here, with the libraries of the sanitizers. */
export function hasSanitizers(): boolean {
  const program = join(tmpdir(), `sanitized-${process.pid}`)
  const input = 'int main(void) { return 0; }'
  const { status } = spawnSync('gcc', [...SANITIZED, '-x', 'c', '-', '-o', program], { input })
  return process.platform === 'linux' && status === 0
}
