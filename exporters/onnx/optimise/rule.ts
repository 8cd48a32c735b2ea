// A rewriting rule looks at one node, whose inputs are already rewritten, and may know a better value for its output.

import type { Builder } from '../builder.ts'
import type { Node, Value } from '../values.ts'

export interface Site {
  /** The node as it was; its inputs are the old ones. */
  readonly node: Node
  /** Its inputs, rewritten. */
  readonly inputs: readonly (Value | undefined)[]
  /** Whether nothing else uses input `i`, so that what makes it may be changed. */
  readonly onlyUse: (i: number) => boolean
}

/** The value to use instead of the node's only output, or undefined to leave it. */
export type Rule = (g: Builder, site: Site) => Value | undefined
