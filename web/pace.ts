// Work that may be asked for often and is done now and then.

/**
 * A function that has `work` done at most every `ms` milliseconds, in a task of its own: one change is told to many, and
 * what all of them do of it would be a long one. What is asked for last is always done.
 */
export function paced(ms: number, work: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  let later: ReturnType<typeof setTimeout> | undefined
  const now = () => {
    later = undefined
    last = performance.now()
    work()
  }
  return () => {
    if (later === undefined) later = setTimeout(now, Math.max(0, last + ms - performance.now()))
  }
}
