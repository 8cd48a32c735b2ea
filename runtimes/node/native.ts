// The kernels of the fused engine in native code.

import { createRequire } from 'node:module'
import type { Kernels, Machine } from '../fused/machine.ts'

type Addon = { [Name in keyof Kernels]: (memory: Float32Array, ...numbers: number[]) => number } & {
  variant(): string
  use_variant(name: string): boolean
}
function addon(): Addon {
  return createRequire(import.meta.url)('../fused/generated/linux-x64.node') as Addon
}

export function addonVariants(): string[] {
  return ['avx512', 'avx2', 'sse2', 'neon'].filter((name) => addon().use_variant(name))
}

export function nativeMachine(variant?: string): Machine {
  const native = addon()
  let floats = new Float32Array(2 ** 16)
  let ints = new Int32Array(floats.buffer)
  const call =
    (name: keyof Kernels) =>
    (...numbers: number[]) => {
      if (variant) native.use_variant(variant)
      return native[name](floats, ...numbers)
    }
  return {
    name: variant ?? native.variant(),
    kernels: {
      packed_size: call('packed_size'),
      pack: call('pack'),
      work_size: call('work_size'),
      forward: call('forward'),
    },
    firstWord: 16,
    get floats() {
      return floats
    },
    get ints() {
      return ints
    },
    reserve(words) {
      if (words <= floats.length) return
      const larger = new Float32Array(Math.max(words, 1.25 * floats.length))
      larger.set(floats)
      floats = larger
      ints = new Int32Array(floats.buffer)
    },
  }
}
