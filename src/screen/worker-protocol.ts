// What the process of a screening and its workers say to each other.

import type { EngineName } from '../../runtimes/engine-name.ts'
import type { NodeDevice } from '../../runtimes/node/devices.ts'
import type { PartRecord } from './manifest.ts'
import type { Task } from './plan.ts'
import type { Settings } from './settings.ts'

/** The first message to a worker. */
export interface WorkerData {
  /** The model file: the same for all, whatever becomes of it on the disk. */
  readonly model: Uint8Array
  readonly device: NodeDevice
  readonly engine: EngineName
  readonly threads: number
  readonly settings: Settings
}

/** Each further one. */
export interface Job {
  readonly task: Task
  readonly number: number
  /** Parts of the task that are there. */
  readonly finished: readonly PartRecord[]
}

export type Reply =
  | { readonly kind: 'rows'; readonly count: number; readonly failed: number }
  | { readonly kind: 'part'; readonly record: PartRecord }
  | { readonly kind: 'done' }
  /** Nothing can go on. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
