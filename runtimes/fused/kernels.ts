// The functions of the fused engine as source/forward.c and source/tables.c export them, in a WebAssembly module and in an addon of Node.

/**
 * All that they read and write lies in one memory of words (machine.ts); places in it are numbers of words. What is below zero
 * is a refusal, of those at the end of this file. No number in the memory is trusted: descriptions come from files that
 * nobody vouches for.
 * @typeParam Memory what comes before the other arguments: nothing for a module, which has a memory of its own
 */
export interface Kernels<Memory extends readonly unknown[]> {
  /**
   * Words that the packed weights of a network take.
   * @param words place of its description, of `count` words
   * @param given weights that it has
   */
  packed_size(...of: [...memory: Memory, words: number, count: number, given: number]): number
  /** Writes the packed weights, the description before them, to `packed`; `weights` is the place of those given. */
  pack(
    ...of: [
      ...memory: Memory,
      words: number,
      count: number,
      weights: number,
      given: number,
      packed: number,
      packedSize: number,
    ]
  ): number
  /**
   * Words that a forward pass works in.
   * @param batch place of the words of `enum batch_words`
   * @param threads that it may divide the atoms among; a module has one, whatever it is asked for
   */
  work_size(
    ...of: [...memory: Memory, packed: number, packedSize: number, batch: number, threads: number]
  ): number
  /** One forward pass, whose results are written where the batch says. What it writes overlaps nothing that it reads. */
  forward(
    ...of: [
      ...memory: Memory,
      packed: number,
      packedSize: number,
      batch: number,
      work: number,
      workSize: number,
      threads: number,
    ]
  ): number
  /** Counts and sums of the images in a cell. @param cell place of the words of `enum cell_words` in source/table.h */
  survey(...of: [...memory: Memory, cell: number]): number
  /** Writes the images of a cell into the arrays of a batch. */
  images(...of: [...memory: Memory, cell: number]): number
}

/** Exports of the WebAssembly modules. */
export interface WasmKernels extends Kernels<[]> {
  readonly memory: WebAssembly.Memory
  /** The first word that is the caller's. */
  free_word(): number
}

/** Exports of an addon, in float32 or float64. */
export interface AddonKernels<Numbers extends Float32Array | Float64Array = Float32Array>
  extends Kernels<[memory: Numbers]> {
  /** The instructions that are used: `avx512`, `avx2`, `sse2` or `neon`. */
  variant(): string
  /** Takes others from now on, in all threads; false where the processor does not have them. */
  use_variant(name: string): boolean
}

export const WRONG_PLAN = -1
export const WRONG_BATCH = -2
export const TOO_LITTLE_MEMORY = -3
export const WRONG_CELL = -4
