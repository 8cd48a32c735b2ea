// The fused engine in native code: an addon on a memory of its own.

import { DeviceError } from '../../src/errors.ts'
import type { AddonKernels, Kernels } from '../fused/kernels.ts'
import type { Machine } from '../fused/machine.ts'
import { loadAddonInDouble } from './addon.ts'

/** Word 0 is no place. */
const FIRST_WORD = 16
const WORDS = 2 ** 16

/**
 * @param threads that a large cell may be divided among
 * @param variant other instructions than the best that are here, from now on in all threads: for comparisons
 */
export function nativeMachine(addon: AddonKernels, threads = 1, variant?: string): Machine {
  return machineOf(addon, new Float32Array(WORDS), {
    threads,
    variant,
    kind: '',
    inDouble: () => nativeInDouble(threads, variant),
  })
}

/** The same in float64, in WebAssembly where there is no such addon. */
export async function nativeInDouble(threads = 1, variant?: string): Promise<Machine> {
  const addon = loadAddonInDouble()
  if (typeof addon !== 'string') {
    return machineOf(addon, new Float64Array(WORDS), { threads, variant, kind: ' in float64' })
  }
  const { wasmInDouble } = await import('../fused/wasm.ts')
  return wasmInDouble()
}

interface NativeOptions extends Pick<Machine, 'threads' | 'inDouble'> {
  readonly variant: string | undefined
  /** What is said of the numbers. */
  readonly kind: string
}

function machineOf<Numbers extends Float32Array | Float64Array>(
  addon: AddonKernels<Numbers>,
  memory: Numbers,
  { variant, kind, ...options }: NativeOptions,
): Machine {
  let floats = memory
  let ints = new Int32Array(floats.buffer)
  const on = <A extends readonly number[]>(kernel: (memory: Numbers, ...args: A) => number) => {
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
    name: `native code for ${variant ?? addon.variant()}${kind}`,
    kernels,
    ...options,
    firstWord: FIRST_WORD,
    get floats() {
      return floats
    },
    get ints() {
      return ints
    },
    reserve(words) {
      if (words <= floats.length) return
      // More than is asked for: what grows will grow again.
      const larger = numbersLike(floats, Math.max(words, Math.floor(1.25 * floats.length)))
      larger.set(floats)
      floats = larger
      ints = new Int32Array(floats.buffer)
    },
  }
}

/** @throws DeviceError where there is no memory for them */
function numbersLike<Numbers extends Float32Array | Float64Array>(like: Numbers, count: number): Numbers {
  const Kind = like.constructor as new (count: number) => Numbers
  try {
    return new Kind(count)
  } catch (cause) {
    const bytes = like.BYTES_PER_ELEMENT * count
    throw new DeviceError(`not enough memory for this run (${Math.ceil(bytes / 2 ** 20)} MiB)`, { cause })
  }
}
