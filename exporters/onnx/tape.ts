// What one run of a function leaves behind: its kernels in order, what each was given, and what came out.

import type { RecordedStep } from './composite.ts'
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
  | Constant

export interface Constant {
  readonly kind: 'constant'
  readonly snapshot: Snapshot
}

/** Only until complex.ts has parted the tensors of a recording. */
export interface ComplexConstant {
  readonly kind: 'complex'
  readonly real: Constant
  readonly imag: Constant
}

export interface TapedTensor {
  readonly dtype: string
  readonly shape: readonly number[]
}

/** @typeParam R what its inputs are */
export interface TapeEntry<R = Reference> {
  readonly kernel: string
  /** Scope path, outermost first. */
  readonly path: readonly string[]
  /** The stack at the call; see callsite.ts. */
  readonly site: Error
  /** Inputs by the kernel's own names, in its order; arrays have the names '0', '1', … */
  readonly inputs: ReadonlyMap<string, R>
  readonly attrs: Readonly<Record<string, unknown>>
  readonly outputs: readonly TapedTensor[]
  /** Set for a composite kernel, which brings its own lowering. */
  readonly composite?: RecordedStep
}

export interface Tape<R = Reference> {
  readonly entries: readonly TapeEntry<R>[]
  /** Symbols of the sizes that values tell, in order. */
  readonly counts: readonly string[]
  readonly outputs: ReadonlyMap<string, R & TapedTensor>
}
