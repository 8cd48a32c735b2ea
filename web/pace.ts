// Work that may be asked for often and is done now and then.

/** A function that does `work` at most every `ms` milliseconds; what is asked for last is always done. */
export function paced(ms: number, work: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  let later: ReturnType<typeof setTimeout> | undefined
  const now = () => {
    later = undefined
    last = performance.now()
    work()
  }
  return () => {
    const wait = last + ms - performance.now()
    if (wait <= 0 && later === undefined) now()
    else later ??= setTimeout(now, wait)
  }
}
