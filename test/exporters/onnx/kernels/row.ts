// One row of the kernel tests: a function that uses the kernel, and inputs whose sizes are never recorded.

import type { Sizes, TestFunction, TestInput } from '../session.ts'

export interface Row {
  /** The tfjs kernel; the recording must hold it. */
  readonly kernel: string
  /** What is special about this row. */
  readonly about?: string
  readonly inputs: Readonly<Record<string, TestInput>>
  readonly fn: TestFunction
  /** Sizes to compare at; these by default. */
  readonly at?: Sizes
  /** A looser tolerance stands beside its cause. */
  readonly tolerance?: number
}

/** Sizes that recordings, which take small primes, never have. */
export const UNSEEN: Sizes = { A: 6, B: 4, C: 9 }

export const float = (...shape: (number | string)[]): TestInput => ({ dtype: 'float32', shape })
export const int = (...shape: (number | string)[]): TestInput => ({ dtype: 'int32', shape })
export const bool = (...shape: (number | string)[]): TestInput => ({ dtype: 'bool', shape })
