// Evaluators side by side, one a core, that share the work of all callers. One is there from the beginning; each further
// one costs a thread and a session, so it starts once work has waited for as long as a start takes: then nobody waits
// for much more than twice the best time, and who predicts now and then pays for nothing.

import type { Evaluator } from './evaluator.ts'
import type { HostedEvaluator } from './hosted.ts'

export interface PoolOptions {
  /** Starts a further evaluator. */
  readonly open: () => Promise<HostedEvaluator>
  /** Evaluators at most. */
  readonly most: number
  /** What a start takes, milliseconds. */
  readonly startMs: number
}

interface Member {
  readonly evaluator: HostedEvaluator
  /** Calls that it was given and has not answered. */
  calls: number
}

/** @param crowded whether every core has an evaluator at work */
type Call<T> = (evaluator: Evaluator, crowded: boolean) => Promise<T>

/** Calls that an evaluator is given at a time: one to work on, and one so that it need not wait for this thread. */
const CALLS_AHEAD = 2

export function pooled(first: HostedEvaluator, { open, most, startMs }: PoolOptions): Evaluator {
  const members: Member[] = [{ evaluator: first, calls: 0 }]
  /** Calls that no evaluator was given yet. */
  const queue: ((member: Member) => void)[] = []
  const unanswered = new Set<Promise<unknown>>()
  let starting: Promise<void> | undefined
  let room = most > 1
  const whenWaited = waitingTime(startMs, () => {
    starting = grow()
  })

  async function grow(): Promise<void> {
    try {
      members.push({ evaluator: await open(), calls: 0 })
      room = members.length < most
    } catch {
      // No memory for one more, for instance: those that are there go on.
      room = false
    }
    starting = undefined
    proceed()
  }

  /** Hands out what waits. */
  function proceed(): void {
    while (queue.length > 0) {
      const free = members.reduce((least, member) => (member.calls < least.calls ? member : least))
      if (free.calls >= CALLS_AHEAD) break
      queue.shift()!(free)
    }
    whenWaited(room && !starting && unanswered.size > members.length)
  }

  async function answered<T>({ evaluator }: Member, call: Call<T>): Promise<T> {
    // As with one evaluator: when a worker dies, the model has to be loaded again.
    const dead = members.find((member) => member.evaluator.ended)
    if (dead) throw dead.evaluator.ended
    return call(evaluator, members.filter(({ calls }) => calls > 0).length >= most)
  }

  function ask<T>(call: Call<T>): Promise<T> {
    const answer = new Promise<Member>((resolve) => {
      queue.push((member) => {
        member.calls++
        resolve(member)
      })
    }).then((member) =>
      answered(member, call).finally(() => {
        member.calls--
        unanswered.delete(answer)
        proceed()
      }),
    )
    unanswered.add(answer)
    proceed()
    return answer
  }

  return {
    engine: first.engine,
    note: first.note,
    evaluate: (crystals, outputs, options) =>
      ask(async (evaluator, crowded) => {
        options?.signal?.throwIfAborted()
        return evaluator.evaluate(crystals, outputs, { ...options, crowded })
      }),
    attention: (crystal) => ask((evaluator) => evaluator.attention(crystal)),
    async release() {
      await Promise.allSettled(unanswered)
      whenWaited(false)
      await starting
      await Promise.all(members.map(({ evaluator }) => evaluator.release()))
    },
  }
}

/** Calls `then` each time that something has waited for `ms` in all; to be told when there begins and ends to be something. */
function waitingTime(ms: number, then: () => void): (waits: boolean) => void {
  let left = ms
  let clock: { readonly timer: ReturnType<typeof setTimeout>; readonly since: number } | undefined
  return (waits) => {
    if (waits === (clock !== undefined)) return
    if (clock) {
      clearTimeout(clock.timer)
      left -= performance.now() - clock.since
      clock = undefined
      return
    }
    const timer = setTimeout(() => {
      clock = undefined
      left = ms
      then()
    }, left)
    clock = { timer, since: performance.now() }
  }
}
