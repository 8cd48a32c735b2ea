// The machines of the fused engine that are here.

import type { Machine } from '../../../runtimes/fused/machine.ts'
import { wasmInDouble, wasmMachine } from '../../../runtimes/fused/wasm.ts'
import { loadAddon } from '../../../runtimes/node/addon.ts'
import { nativeInDouble, nativeMachine } from '../../../runtimes/node/native.ts'

/** WebAssembly and native code for every kind of processor that this one can be, in float32 and float64, by name. */
export function machines(): [string, () => Machine | Promise<Machine>][] {
  const addon = loadAddon()
  const native = typeof addon === 'string' ? [] : ['avx512', 'avx2', 'sse2', 'neon']
  return [
    ['WebAssembly', wasmMachine],
    ['WebAssembly in float64', wasmInDouble],
    ...native.flatMap((variant): [string, () => Machine | Promise<Machine>][] =>
      typeof addon !== 'string' && addon.use_variant(variant)
        ? [
            [variant, () => nativeMachine(addon, 3, variant)],
            [`${variant} in float64`, () => nativeInDouble(3, variant)],
          ]
        : [],
    ),
  ]
}
