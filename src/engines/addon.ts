// The kernels of training as an addon of Node.

import { loadAddon } from '../kernels/addon.ts'
import type { KernelName } from './kernel-names.ts'

export type TrainingAddon = Readonly<Record<KernelName, (heap: ArrayBuffer, ...of: number[]) => number>> & {
  /** The instructions that are used: `avx512`, `avx2`, `sse2` or `neon`. */
  variant(): string
  /** Takes others from now on, in all threads; false where the processor does not have them. */
  use_variant(name: string): boolean
}

/** The addon, or why there is none. */
export function trainingAddon(): TrainingAddon | string {
  return loadAddon<TrainingAddon>('training-', import.meta.url, './generated', 'matmul')
}
