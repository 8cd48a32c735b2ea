// The machines of the fused engine that are here.

import type { Machine } from '../../../runtimes/fused/machine.ts'
import { wasmInDouble, wasmMachine } from '../../../runtimes/fused/wasm.ts'
import { loadAddon } from '../../../runtimes/node/addon.ts'
import { nativeMachine } from '../../../runtimes/node/native.ts'

/** WebAssembly in float32 and float64, and native code for every kind of processor that this one can be, by name. */
export function machines(): [string, () => Machine | Promise<Machine>][] {
  const addon = loadAddon()
  const native = typeof addon === 'string' ? [] : ['avx512', 'avx2', 'sse2', 'neon']
  return [
    ['WebAssembly', wasmMachine],
    ['WebAssembly in float64', wasmInDouble],
    ...native.flatMap((variant): [string, () => Machine][] =>
      typeof addon !== 'string' && addon.use_variant(variant)
        ? [[variant, () => nativeMachine(addon, 3, variant)]]
        : [],
    ),
  ]
}
