// A queue before a runtime: crystals of many calls share runs. A run starts when its atoms (or images) fill it, or when
// the oldest call has waited for long enough; callers take turns crystal by crystal, so that one with thousands does not
// hold up one with a single one. Calls that ask for the same outputs share a lane; nothing is known of what they are for.

import type { Structure } from '../src/crystal/structure.ts'
import { OverloadError } from '../src/errors.ts'
import { expectedImages } from '../src/periodic/expected-images.ts'
import type { Batching } from './batching-options.ts'
import type { Card } from './card.ts'
import type { EvaluateOptions } from './evaluator.ts'
import { type Job, jobOf } from './job.ts'
import { type Lane, laneOf } from './lane.ts'
import { disposed, type Runtime } from './runtime.ts'

const WAIT_MS = 2
/** Of the card's: alike crystals of them share a run, so that less is padding. */
const RUNS = 4
/** Runs under way for each core: one that it works on and one that waits, so that it need not wait for this thread. */
const RUNS_AHEAD = 2

/** The runtime, with the queue before it. Its `dispose` gives out what waits first. */
export function batched(
  runtime: Runtime,
  { geometry, max_atoms }: Pick<Card, 'geometry' | 'max_atoms'>,
  { waitMs = WAIT_MS, maxAtoms = RUNS * max_atoms, maxImages, maxWaiting = Infinity, onRun }: Batching,
): Runtime {
  const lanes = new Map<string, Lane>()
  const room = { atoms: maxAtoms, images: maxImages ?? Infinity }
  const { images } = geometry
  const sizeOf = (crystal: Structure) => ({
    atoms: crystal.species.length,
    images: images ? expectedImages(crystal, images) : 0,
  })
  const underWay = new Set<Promise<void>>()
  let waiting = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let closing = false

  /** Gives out what is full or has waited, while there are cores. */
  function proceed(): void {
    clearTimeout(timer)
    timer = undefined
    while (lanes.size > 0 && underWay.size < RUNS_AHEAD * runtime.parallel) {
      const now = performance.now()
      const all = [...lanes.values()]
      const oldest = all.reduce((first, lane) => (lane.since() < first.since() ? lane : first))
      const left = oldest.since() + waitMs - now
      const next = closing || left <= 0 ? oldest : all.find((lane) => lane.fills(room))
      if (!next) {
        timer = setTimeout(proceed, Math.ceil(left))
        break
      }
      launch(next)
    }
  }

  function launch(lane: Lane): void {
    const start = performance.now()
    const waitedMs = start - lane.since()
    const { taken, atoms, images } = lane.take(room)
    waiting -= taken.length
    if (lane.isEmpty()) lanes.delete(lane.key)
    const stop = new AbortController()
    const jobs = new Set(taken.map(({ job }) => job))
    // Nobody waits for a run of which every call was ended.
    for (const job of jobs) {
      job.onFail(() => {
        jobs.delete(job)
        if (jobs.size === 0) stop.abort()
      })
    }
    const run = runtime
      .evaluate(
        taken.map(({ job, index }) => job.crystals[index]),
        lane.outputs,
        { ...lane.options, signal: stop.signal },
      )
      .then(
        (results) => {
          for (const { since, onStage } of jobs) {
            onStage?.('queue', since, start)
            onStage?.('run', start, performance.now())
          }
          for (const [n, { job, index }] of taken.entries()) job.answer(index, results[n])
        },
        (error) => {
          for (const { job } of taken) job.fail(error)
        },
      )
      .finally(() => {
        underWay.delete(run)
        const ms = performance.now() - start
        onRun?.({ crystals: taken.length, atoms, images, waitedMs, ms, waiting })
        proceed()
      })
    underWay.add(run)
  }

  function enqueue(job: Job, outputs: readonly string[], options: EvaluateOptions): void {
    const key = JSON.stringify([outputs, options.look, options.maxAtoms, options.trusted])
    const lane = lanes.get(key) ?? laneOf(key, outputs, options, sizeOf)
    lanes.set(key, lane)
    lane.add(job)
    waiting += job.crystals.length
    job.onFail(() => {
      waiting -= lane.remove(job)
      // Another lane may have the place of one that was emptied.
      if (lane.isEmpty() && lanes.get(key) === lane) lanes.delete(key)
    })
    proceed()
  }

  return {
    ...runtime,
    async evaluate(crystals, outputs, { signal, client, onStage, ...options } = {}) {
      signal?.throwIfAborted()
      if (closing) throw disposed(runtime.device)
      if (crystals.length === 0) return []
      if (waiting + crystals.length > maxWaiting) throw full(waiting, crystals.length, maxWaiting)
      const job = jobOf(crystals, { signal, client, onStage })
      enqueue(job, outputs, options)
      return job.answers
    },
    async dispose() {
      closing = true
      while (lanes.size > 0 || underWay.size > 0) {
        proceed()
        await Promise.all(underWay)
      }
      await runtime.dispose()
    },
  }
}

function full(waiting: number, crystals: number, maxWaiting: number): OverloadError {
  return new OverloadError(
    `${waiting} crystals wait already, of ${maxWaiting} that may: ${crystals} more are refused; try again later, or give fewer at a time`,
  )
}
