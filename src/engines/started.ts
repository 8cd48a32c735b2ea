// What the rest of training is told of a backend that has started.

import type { Heap } from './heap.ts'

/** What a backend that has started gives. */
export interface Started {
  /** Where our kernels compute; without one all is left to the operations of tfjs. */
  readonly heap: Heap | undefined
  /** Whether threads of ours can compute beside it; other backends have threads of their own. */
  readonly takesHelpers: boolean
}
