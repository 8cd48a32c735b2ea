// A call that waits in a queue (batching.ts): its crystals go into one run or into several, and it is answered when all of
// them are, or ended by its signal at once, wherever they are.

import type { Structure } from '../src/crystal/structure.ts'
import type { CrystalOnnxError } from '../src/errors.ts'
import type { EvaluateOptions, OnStage, Rows } from './evaluator.ts'

type Result = Rows | CrystalOnnxError

export interface Job {
  readonly crystals: readonly Structure[]
  /** Whose call it is. */
  readonly client: string
  /** When it came, as of performance.now(). */
  readonly since: number
  /** The results of its crystals, in their order. @throws the reason of its signal; what a run failed with */
  readonly answers: Promise<readonly Result[]>
  answer(index: number, result: Result): void
  fail(error: unknown): void
  readonly onStage: OnStage | undefined
  /** Told when it fails or its signal ends it: at once, where that is so already. */
  onFail(listener: () => void): void
}

export function jobOf(
  crystals: readonly Structure[],
  { signal, client = '', onStage }: Pick<EvaluateOptions, 'signal' | 'client' | 'onStage'>,
): Job {
  const results: Result[] = new Array(crystals.length)
  const listeners: (() => void)[] = []
  let left = crystals.length
  let settle: { resolve(results: Result[]): void; reject(error: unknown): void }
  const answers = new Promise<Result[]>((resolve, reject) => {
    settle = { resolve, reject }
  })
  let ended = false
  /** Whether this is the end. */
  function end(): boolean {
    if (ended) return false
    ended = true
    signal?.removeEventListener('abort', stop)
    return true
  }
  function fail(error: unknown): void {
    if (!end()) return
    settle.reject(error)
    for (const listener of listeners) listener()
  }
  const stop = () => fail(signal!.reason)
  signal?.addEventListener('abort', stop)
  return {
    crystals,
    client,
    onStage,
    since: performance.now(),
    answers,
    answer(index, result) {
      if (ended) return
      results[index] = result
      left--
      if (left === 0 && end()) settle.resolve(results)
    },
    fail,
    onFail: (listener) => (ended ? listener() : void listeners.push(listener)),
  }
}
