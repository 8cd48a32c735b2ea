// The kernels as WebAssembly, for browsers and every Node: with relaxed SIMD, which multiplies and adds in one
// instruction, where that is here.

import { DeviceError } from '../../src/errors.ts'
import type { Kernels, Machine } from './machine.ts'

const PAGE = 16_384

/** A module of one function with one instruction of relaxed SIMD: valid where that is known. */
// biome-ignore format: bytes
const RELAXED = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
)

/** Whether relaxed SIMD is here. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED)
}

/** The kernels with a memory of their own. @throws DeviceError where WebAssembly is too old */
export async function wasmMachine(): Promise<Machine> {
  const relaxed = hasRelaxedSimd()
  const { WASM } = relaxed
    ? await import('./generated/wasm-relaxed.ts')
    : await import('./generated/wasm-simd.ts')
  const bytes = Uint8Array.from(atob(WASM), (character) => character.charCodeAt(0))
  let instance: WebAssembly.Instance
  try {
    ;({ instance } = await WebAssembly.instantiate(bytes))
  } catch (cause) {
    throw new DeviceError(`WebAssembly with SIMD is not here: ${(cause as Error).message}`, { cause })
  }
  const { memory, free_word, ...kernels } = instance.exports as unknown as Kernels & {
    readonly memory: WebAssembly.Memory
    free_word(): number
  }
  let floats = new Float32Array(memory.buffer)
  let ints = new Int32Array(memory.buffer)
  return {
    name: relaxed ? 'relaxed SIMD' : 'SIMD',
    kernels,
    firstWord: free_word(),
    get floats() {
      return floats
    },
    get ints() {
      return ints
    },
    reserve(words) {
      const missing = Math.ceil(words / PAGE) - floats.length / PAGE
      if (missing <= 0) return
      try {
        memory.grow(Math.max(missing, Math.ceil(floats.length / PAGE / 4)))
      } catch {
        try {
          memory.grow(missing)
        } catch (cause) {
          throw new DeviceError(
            `WebAssembly has not enough memory for this run (${Math.ceil((4 * words) / 2 ** 20)} MiB); predict smaller ` +
              'cells, or fewer at a time (maxAtoms)',
            { cause },
          )
        }
      }
      floats = new Float32Array(memory.buffer)
      ints = new Int32Array(memory.buffer)
    },
  }
}
