// Calls that wait for the same outputs (batching.ts), by client. Clients take turns: a run takes one crystal of each after
// the other, in the order of the calls of each.

import type { Structure } from '../src/crystal/structure.ts'
import type { EvaluateOptions } from './evaluator.ts'
import type { Job } from './job.ts'

/** What a crystal takes of a run, or a run has room for. */
export interface Size {
  readonly atoms: number
  readonly images: number
}

/** A crystal of a call. */
export interface Taken {
  readonly job: Job
  readonly index: number
}

export interface Lane {
  readonly key: string
  readonly outputs: readonly string[]
  readonly options: EvaluateOptions
  add(job: Job): void
  /** How many of its crystals waited. */
  remove(job: Job): number
  /** What fits, of every client in turn, and how much that is; a crystal that is larger than the room is alone. */
  take(room: Size): Size & { readonly taken: Taken[] }
  /** Whether what waits fills the room. */
  fills(room: Size): boolean
  /** When the oldest call that waits came. */
  since(): number
  isEmpty(): boolean
}

/** A call of which some crystals wait. */
interface Waiting {
  readonly job: Job
  readonly sizes: readonly Size[]
  /** The first that waits. */
  next: number
}

export function laneOf(
  key: string,
  outputs: readonly string[],
  options: EvaluateOptions,
  sizeOf: (crystal: Structure) => Size,
): Lane {
  /** In the order of their turns. */
  const clients = new Map<string, Waiting[]>()
  let atoms = 0
  let images = 0

  function count(size: Size, sign: 1 | -1): void {
    atoms += sign * size.atoms
    images += sign * size.images
  }

  return {
    key,
    outputs,
    options,
    add(job) {
      const sizes = job.crystals.map(sizeOf)
      for (const size of sizes) count(size, 1)
      const own = clients.get(job.client)
      const entry = { job, sizes, next: 0 }
      if (own) own.push(entry)
      else clients.set(job.client, [entry])
    },
    remove(job) {
      const own = clients.get(job.client) ?? []
      const at = own.findIndex((entry) => entry.job === job)
      if (at < 0) return 0
      const [{ sizes, next }] = own.splice(at, 1)
      if (own.length === 0) clients.delete(job.client)
      const left = sizes.slice(next)
      for (const size of left) count(size, -1)
      return left.length
    },
    take(room) {
      const taken: Taken[] = []
      const used = { atoms: 0, images: 0 }
      // Ends when nobody has a crystal that fits.
      for (let passed = 0; passed < clients.size; ) {
        const [client, own] = clients.entries().next().value!
        const [{ job, sizes, next }] = own
        const size = sizes[next]
        clients.delete(client)
        const fits = used.atoms + size.atoms <= room.atoms && used.images + size.images <= room.images
        if (!fits && taken.length > 0) {
          clients.set(client, own)
          passed++
          continue
        }
        passed = 0
        taken.push({ job, index: next })
        used.atoms += size.atoms
        used.images += size.images
        count(size, -1)
        own[0].next++
        if (own[0].next === sizes.length) own.shift()
        if (own.length > 0) clients.set(client, own)
      }
      return { taken, ...used }
    },
    fills: (room) => atoms >= room.atoms || images >= room.images,
    since: () => Math.min(...[...clients.values()].map(([{ job }]) => job.since)),
    isEmpty: () => clients.size === 0,
  }
}
