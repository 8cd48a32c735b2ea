// Where the kernels of the fused engine run: WebAssembly, or native code in Node. Either way they work on one memory of
// words, 32 bits each, or 64 in float64, and places in it are word numbers.

import type { Kernels } from './kernels.ts'

/** Kernels and their memory. */
export interface Machine {
  /** the kind of code that runs, for reports */
  readonly name: string
  readonly kernels: Kernels<[]>
  /** that a large cell may be divided among */
  readonly threads: number
  /** the first word that is free */
  readonly firstWord: number
  /** the memory; another array after `reserve` */
  readonly floats: Float32Array | Float64Array
  /** the same memory: of a word of 64 bits the lower half comes first */
  readonly ints: Int32Array
  /** Makes the memory so many words at least. @throws DeviceError when there is not so much */
  reserve(words: number): void
  /** One in float64, for what float32 cannot decide; of a machine in float32. @throws DeviceError where none may be compiled */
  inDouble?(): Machine | Promise<Machine>
}
