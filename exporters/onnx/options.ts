// What a caller says when exporting, and what comes back. Types and their defaults only.

import type { Packing } from '../../src/math/fewer-bits.ts'
import type { DType } from './values.ts'

/** One named input of the exported function. */
export interface InputSpec {
  /** Element type of the input. */
  readonly dtype: 'float32' | 'int32' | 'bool'
  /** A number is that size at every run; a string names a symbolic size, such as 'A'. */
  readonly shape: readonly (number | string)[]
  /**
   * Legal values for comparing the file with the function, in row-major order: indices within range, for instance.
   * Without it, numbers within ±1 for float32, and 0 and 1 for int32 and bool, or only 0 where the function fails else.
   */
  readonly sample?: (dims: readonly number[], sizes: Readonly<Record<string, number>>) => ArrayLike<number>
}

/** Constants in a file of their own. */
export interface ExternalDataOptions {
  /** Name of the file beside the .onnx file. Default: the name of the graph with `.data`. */
  readonly location?: string
  /** Constants of fewer bytes stay in the .onnx file. Default 1024. */
  readonly above?: number
}

/** The file that belongs beside an exported one. */
export interface ExternalData {
  /** its name, in the same folder */
  readonly location: string
  /** its content, piece by piece: all of it may be larger than one array */
  readonly parts: readonly Uint8Array[]
  /** of all parts */
  readonly length: number
}

/** What the file should be, and how it is recorded. */
export interface ExportOptions {
  /** ONNX operator set, 17 to 21. Default 17. */
  readonly opset?: number
  /** Version of the file format; by default the one that came with the operator set (8 for 17). */
  readonly irVersion?: number
  /** Name of the graph. Default 'main'. */
  readonly name?: string
  /** Key and value pairs of `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Description of the model in the file. */
  readonly docString?: string
  /** What the file says of the version of its producer. */
  readonly producerVersion?: string
  /**
   * Store large constants in float16, or as whole numbers of 8 bits with a scale a column, where that changes none of
   * their numbers: round them first. The graph computes in float32 all the same.
   */
  readonly packing?: Packing
  /**
   * Constants in a file of their own, beside the .onnx file. By default only where all of it would be larger than the
   * 2 GiB that the format allows.
   */
  readonly externalData?: ExternalDataOptions
  /** Names of the outputs of a function that returns one tensor or an array of them. */
  readonly outputs?: readonly string[]
  /**
   * Which of the tensors that the function gives are outputs of the file, by name; all by default. The others only keep
   * their names inside the graph.
   */
  readonly isOutput?: (name: string) => boolean
  /** Inputs that no output depends on: an error, which is the default, or left out of the file. */
  readonly unusedInputs?: 'refuse' | 'drop'
  /**
   * The sizes to record at, and to compare at, instead of the exporter's own choice: three sets of distinct values are
   * advisable.
   */
  readonly sizes?: readonly Readonly<Record<string, number>>[]
  /**
   * Whether the file is run beside the function, at small, odd and large sizes that were not recorded, before it is
   * returned; a difference is an error. By default it is.
   */
  readonly verify?: boolean
  /** Called before each recording and each later stage; `done` of `total`. */
  readonly onProgress?: (
    stage: 'record' | 'lower' | 'optimise' | 'write' | 'verify',
    done: number,
    total: number,
  ) => void
}

/** An input or an output of the file; symbolic sizes as text, such as 'A' or 'M*S'. */
export interface TensorInfo {
  /** in the graph */
  readonly name: string
  /** element type */
  readonly dtype: DType
  /** rank and sizes */
  readonly shape: readonly (number | string)[]
}

/** How a file was compared with the function that it was exported from. */
export interface Verified {
  /** what ran the file: onnxruntime on the CPU, or the float64 evaluator where that is not installed */
  readonly runtime: 'onnxruntime' | 'float64'
  /** the sizes that were tried; others, where the function itself fails, are left out */
  readonly sizes: readonly Readonly<Record<string, number>>[]
  /** the largest difference, relative to the largest number of an output */
  readonly error: number
  /** what it cost */
  readonly ms: number
}

/** An exported file, and what is in it. */
export interface ExportResult {
  /** The .onnx file. */
  readonly bytes: Uint8Array
  /** The file that belongs beside it, if its constants are in one. */
  readonly external?: ExternalData
  /** In the order of the graph. */
  readonly inputs: readonly TensorInfo[]
  /** In the order of the graph. */
  readonly outputs: readonly TensorInfo[]
  /** Nodes in the graph. */
  readonly nodes: number
  /** Nodes by ONNX operator, most frequent first. */
  readonly operators: Readonly<Record<string, number>>
  /** tfjs kernels that one run of the function recorded. */
  readonly recorded: number
  /** They by name, most frequent first. */
  readonly kernels: Readonly<Record<string, number>>
  /** Numbers held by the initialisers. */
  readonly parameters: number
  /** How it was compared; undefined where option `verify` is false. */
  readonly verified: Verified | undefined
  /** What the caller should know: that a batch is fixed, for instance. */
  readonly notes: readonly string[]
}
