// Evaluators side by side, one a core, that share the work of all callers. One is there from the beginning; each further
// one costs a thread and a session, so it starts once work has waited for as long as a start takes: then nobody waits
// for much more than twice the best time, and who predicts now and then pays for nothing. One that dies is replaced, and
// what it was asked is asked once more of another.

import { DeviceError } from '../src/errors.ts'
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

/** A call that waits for an evaluator. */
interface Waiting {
  give(member: Member): void
  refuse(error: unknown): void
}

/** @param crowded whether every core has an evaluator at work */
type Call<T> = (evaluator: Evaluator, crowded: boolean) => Promise<T>

/** Calls that an evaluator is given at a time: one to work on, and one so that it need not wait for this thread. */
const CALLS_AHEAD = 2
/** Starts in a row that may fail before no further evaluator is started. */
const STARTS = 3

export function pooled(first: HostedEvaluator, { open, most, startMs }: PoolOptions): Evaluator {
  let members: Member[] = [{ evaluator: first, calls: 0 }]
  /** Calls that no evaluator was given yet. */
  let queue: Waiting[] = []
  const asked = new Set<Promise<unknown>>()
  let starting: Promise<void> | undefined
  let failedStarts = 0
  let room = most > 1
  const whenWaited = waitingTime(startMs, () => {
    starting = grow()
  })

  async function grow(): Promise<void> {
    try {
      const evaluator = await open()
      members.push({ evaluator, calls: 0 })
      failedStarts = 0
      room = members.length < most
    } catch (error) {
      // No memory for one more, for instance: those that are there go on.
      room = ++failedStarts < STARTS
      if (living().length === 0) refuseAll(error)
    }
    starting = undefined
    proceed()
  }

  /** Without those that died. */
  function living(): readonly Member[] {
    const alive = members.filter(({ evaluator }) => !evaluator.ended)
    // There is room for another one, whatever came of the last try.
    if (alive.length < members.length) {
      room = true
      failedStarts = 0
    }
    members = alive
    return alive
  }

  /** Hands out what waits. */
  function proceed(): void {
    while (queue.length > 0 && living().length > 0) {
      const free = members.reduce((least, member) => (member.calls < least.calls ? member : least))
      if (free.calls >= CALLS_AHEAD) break
      queue.shift()!.give(free)
    }
    if (queue.length > 0 && living().length === 0) starting ??= grow()
    const unanswered = members.reduce((sum, { calls }) => sum + calls, queue.length)
    whenWaited(room && !starting && unanswered > members.length)
  }

  function refuseAll(error: unknown): void {
    for (const { refuse } of queue) refuse(error)
    queue = []
  }

  /** The next evaluator that is free. @param first before those that wait already */
  function turn(first: boolean): Promise<Member> {
    const member = new Promise<Member>((resolve, reject) => {
      const give = (member: Member) => {
        member.calls++
        resolve(member)
      }
      if (first) queue.unshift({ give, refuse: reject })
      else queue.push({ give, refuse: reject })
    })
    proceed()
    return member
  }

  /** @throws DeviceError where two evaluators died of it */
  async function answered<T>(call: Call<T>, again?: Error): Promise<T> {
    const member = await turn(again !== undefined)
    const { evaluator } = member
    try {
      return await call(evaluator, members.filter(({ calls }) => calls > 0).length >= most)
    } catch (error) {
      const { ended } = evaluator
      if (!ended || error !== ended) throw error
      if (again) throw new DeviceError(`tried twice: ${ended.message}`, { cause: ended })
    } finally {
      member.calls--
      proceed()
    }
    return answered(call, evaluator.ended)
  }

  function ask<T>(call: Call<T>): Promise<T> {
    const answer = answered(call).finally(() => asked.delete(answer))
    asked.add(answer)
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
      await Promise.allSettled(asked)
      whenWaited(false)
      await starting
      await Promise.all(living().map(({ evaluator }) => evaluator.release()))
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
