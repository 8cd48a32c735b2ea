// The fused engine in native code: the addon on a memory of its own.

import { DeviceError } from '../../src/errors.ts'
import type { AddonKernels, Kernels } from '../fused/kernels.ts'
import type { Machine } from '../fused/machine.ts'

/** Word 0 is no place. */
const FIRST_WORD = 16

/**
 * @param threads that a large cell may be divided among
 * @param variant other instructions than the best that are here, from now on in all threads: for comparisons
 */
export function nativeMachine(addon: AddonKernels, threads = 1, variant?: string): Machine {
  let floats = new Float32Array(2 ** 16)
  let ints = new Int32Array(floats.buffer)
  const on = <A extends readonly number[]>(kernel: (memory: Float32Array, ...args: A) => number) => {
    return (...args: A): number => {
      if (variant !== undefined) addon.use_variant(variant)
      return kernel(floats, ...args)
    }
  }
  const kernels: Kernels<[]> = {
    packed_size: on(addon.packed_size),
    pack: on(addon.pack),
    work_size: on(addon.work_size),
    forward: on(addon.forward),
    survey: on(addon.survey),
    images: on(addon.images),
  }
  return {
    name: `native code for ${variant ?? addon.variant()}`,
    kernels,
    threads,
    firstWord: FIRST_WORD,
    get floats() {
      return floats
    },
    get ints() {
      return ints
    },
    reserve(words) {
      if (words <= floats.length) return
      let larger: Float32Array<ArrayBuffer>
      try {
        // More than is asked for: what grows will grow again.
        larger = new Float32Array(Math.max(words, Math.floor(1.25 * floats.length)))
      } catch (cause) {
        throw new DeviceError(`not enough memory for this run (${Math.ceil((4 * words) / 2 ** 20)} MiB)`, {
          cause,
        })
      }
      larger.set(floats)
      floats = larger
      ints = new Int32Array(floats.buffer)
    },
  }
}
