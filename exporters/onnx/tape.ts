// What one run of a function leaves behind: its kernels in order, what each was given, and what came out.

import type { CompositeKernel } from './composite.ts'
import type { ConstantData } from './values.ts'

/** What made a constant of other constants: that kernel's result `index`. */
export interface Origin {
  readonly entry: TapeEntry
  readonly index: number
}

/** The values of a tensor that does not depend on any input, taken when it was used. */
export interface Snapshot {
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly shape: readonly number[]
  readonly data: ConstantData
  /** The name of the variable that it was, if it was one. */
  readonly label?: string
  /** None where it was made in JavaScript, or before the recording. */
  readonly origin?: Origin
}

export type Reference =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'output'; readonly entry: number; readonly index: number }
  | { readonly kind: 'constant'; readonly snapshot: Snapshot }

export interface TapedTensor {
  readonly dtype: string
  readonly shape: readonly number[]
}

export interface TapeEntry {
  readonly kernel: string
  /** Scope path, outermost first. */
  readonly path: readonly string[]
  /** The stack at the call; see callsite.ts. */
  readonly site: Error
  /** Inputs by the kernel's own names, in its order; arrays have the names '0', '1', … */
  readonly inputs: ReadonlyMap<string, Reference>
  readonly attrs: Readonly<Record<string, unknown>>
  readonly outputs: readonly TapedTensor[]
  /** Set for a composite kernel, which brings its own lowering. */
  readonly composite?: CompositeKernel
}

export interface Tape {
  readonly entries: readonly TapeEntry[]
  readonly outputs: ReadonlyMap<string, Reference & TapedTensor>
}
