// Where the kernels of the fused engine run: WebAssembly, or native code in Node. Either way they work on one memory of
// words, 32 bits each, and places in it are word numbers.

/** The functions of source/forward.c. Results below zero say why there is none. */
export interface Kernels {
  /** words that the packed weights take */
  packed_size(words: number, count: number, given: number): number
  pack(
    words: number,
    count: number,
    weights: number,
    given: number,
    packed: number,
    packedSize: number,
  ): number
  /** words that a run of a batch works in */
  work_size(packed: number, packedSize: number, batch: number): number
  forward(packed: number, packedSize: number, batch: number, work: number, workSize: number): number
}

/** Kernels and their memory. */
export interface Machine {
  /** the kind of processor that the code is for */
  readonly name: string
  readonly kernels: Kernels
  /** the first word that is free */
  readonly firstWord: number
  /** the memory; another array after `reserve` */
  readonly floats: Float32Array
  /** the same words */
  readonly ints: Int32Array
  /** Makes the memory so many words at least. @throws DeviceError when there is not so much */
  reserve(words: number): void
}
