// The kernels as WebAssembly, for browsers and every Node: with relaxed SIMD, which multiplies and adds in one
// instruction, where that is here; and in float64.

import { DeviceError } from '../../src/errors.ts'
import { fromHex } from '../../src/math/hex.ts'
import type { WasmKernels } from './kernels.ts'
import type { Machine } from './machine.ts'

/** Bytes of a page of memory. */
const PAGE = 65_536

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

/**
 * The kernels with a memory of their own.
 * @param compiled by a host that compiles no WebAssembly at run time
 * @throws DeviceError where WebAssembly is too old, or is not compiled
 */
export async function wasmMachine(compiled?: WebAssembly.Module): Promise<Machine> {
  const { name, module } = compiled ? { name: 'WebAssembly', module: compiled } : await compiledKernels()
  return machineOf(name, module, Float32Array, wasmInDouble)
}

/** The same in float64. @throws DeviceError where none may be compiled */
export async function wasmInDouble(): Promise<Machine> {
  const { MODULE } = await import('./generated/double.ts')
  return machineOf('WebAssembly in float64', await compile(MODULE), Float64Array)
}

async function machineOf(
  name: string,
  module: WebAssembly.Module,
  Numbers: typeof Float32Array | typeof Float64Array,
  inDouble?: Machine['inDouble'],
): Promise<Machine> {
  const instance = await WebAssembly.instantiate(module)
  const kernels = instance.exports as unknown as WasmKernels
  const { memory } = kernels
  const page = PAGE / Numbers.BYTES_PER_ELEMENT
  let floats = new Numbers(memory.buffer)
  let ints = new Int32Array(memory.buffer)
  return {
    name,
    kernels,
    inDouble,
    threads: 1,
    firstWord: kernels.free_word(),
    get floats() {
      return floats
    },
    get ints() {
      return ints
    },
    reserve(words) {
      if (words <= floats.length) return
      const pages = floats.length / page
      const missing = Math.ceil(words / page) - pages
      // More than is asked for: what grows will grow again.
      if (!grew(memory, Math.max(missing, Math.ceil(pages / 4))) && !grew(memory, missing)) {
        const bytes = Numbers.BYTES_PER_ELEMENT * words
        throw new DeviceError(
          `WebAssembly has not enough memory for this run (${Math.ceil(bytes / 2 ** 20)} MiB); predict smaller ` +
            'cells, or fewer at a time (maxAtoms)',
        )
      }
      floats = new Numbers(memory.buffer)
      ints = new Int32Array(memory.buffer)
    },
  }
}

interface Compiled {
  readonly name: string
  readonly module: WebAssembly.Module
}

let compiling: Promise<Compiled> | undefined

/** The kernels, compiled once in a thread: one that waits for its model can begin with them. @throws DeviceError */
export function compiledKernels(): Promise<Compiled> {
  return (compiling ??= compileHere())
}

async function compileHere(): Promise<Compiled> {
  const relaxed = hasRelaxedSimd()
  const { MODULE } = relaxed
    ? await import('./generated/relaxed-simd.ts')
    : await import('./generated/simd.ts')
  return {
    name: relaxed ? 'WebAssembly with relaxed SIMD' : 'WebAssembly with SIMD',
    module: await compile(MODULE),
  }
}

async function compile(code: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(fromHex(code))
  } catch (cause) {
    throw new DeviceError(
      `WebAssembly with SIMD is not here: ${(cause as Error).message}; where none may be compiled, give ` +
        'crystal-onnx/kernels.wasm as option `kernels`',
      { cause },
    )
  }
}

function grew(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages)
    return true
  } catch {
    return false
  }
}
