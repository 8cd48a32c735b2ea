// What training computes with: a backend of tfjs, and where that has one, the memory that our kernels work on. Made at
// the start of a run (select.ts) and passed to all that computes. Of its kind only the one made last can be used: tfjs
// has one current backend (global.ts).

import type { Heap } from './heap.ts'

export const BACKENDS = ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu', 'webgpu'] as const
/** What trains: a backend of tfjs. */
export type BackendName = (typeof BACKENDS)[number]

/** The backend that computes, and why not another. */
export interface SelectedBackend {
  /** The one that was taken. */
  readonly name: BackendName
  /** Why this one. */
  readonly reason: string
  /** The ones that come earlier in the order, and why each was not taken. */
  readonly passedOver: readonly {
    /** which */
    readonly name: BackendName
    /** was not taken, for a person */
    readonly why: string
  }[]
}

/** A backend that is current, and what of ours computes on it. */
export interface Engine extends SelectedBackend {
  /** Where our kernels compute; without one all is left to the operations of tfjs. */
  readonly heap: Heap | undefined
  /** Whether threads of ours can compute beside it; other backends have threads of their own. */
  readonly takesHelpers: boolean
}

/** What is told of an engine in events and results. */
export function selectedBackend({ name, reason, passedOver }: Engine): SelectedBackend {
  return { name, reason, passedOver }
}
