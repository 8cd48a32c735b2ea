// Calls that are answered elsewhere, in any order: each has a number, waits for the answer with it, and is refused instead
// of hanging when there is nobody left to answer.

export interface Calls<Answer> {
  /** Why there will be no more answers, once that is so. */
  readonly ended: Error | undefined
  /** Calls without an answer. */
  readonly waiting: number
  /**
   * @param send sends the call under its number, `sendStop` that nobody waits for it any more
   * @throws the signal's reason when aborted; what it was refused with; why there are no more answers
   */
  ask(send: (id: number) => void, sendStop: (id: number) => void, signal?: AbortSignal): Promise<Answer>
  answer(id: number, answer: Answer): void
  refuse(id: number, error: Error): void
  /** Refuses the calls that wait and all later ones; of several reasons the first one counts. */
  end(why: Error): void
}

export function numberedCalls<Answer>(): Calls<Answer> {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  let nextId = 0
  let ended: Error | undefined
  const taken = (id: number) => {
    const call = waiting.get(id)
    waiting.delete(id)
    return call
  }
  return {
    get ended() {
      return ended
    },
    get waiting() {
      return waiting.size
    },
    async ask(send, sendStop, signal) {
      if (ended) throw ended
      signal?.throwIfAborted()
      const id = nextId++
      const answer = new Promise<Answer>((resolve, reject) => waiting.set(id, { resolve, reject }))
      send(id)
      const stop = () => sendStop(id)
      signal?.addEventListener('abort', stop)
      try {
        return await answer
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    },
    answer: (id, answer) => taken(id)?.resolve(answer),
    refuse: (id, error) => taken(id)?.reject(error),
    end(why) {
      ended ??= why
      for (const { reject } of waiting.values()) reject(ended)
      waiting.clear()
    },
  }
}
