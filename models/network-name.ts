// What is known of a network without loading it: its name, its options on the command line, and where its forward for
// the fused engine is, if it has one.

import type { FusedForward } from './fused.ts'

/** What is known of a network without loading it. */
export interface NetworkName {
  /** the `architecture` of its configurations */
  readonly name: string
  /** as it is written in a text */
  readonly title: string
  /** its forward for the fused engine, loaded without tfjs */
  readonly fused?: () => Promise<FusedForward>
  /** hyper-parameters with an option of their own on the command line */
  readonly flags?: readonly {
    /** such as '--frames <method>' */
    readonly option: string
    /** for --help */
    readonly description: string
    /** the hyper-parameter */
    readonly key: string
    /** its values */
    readonly choices: readonly string[]
  }[]
}
