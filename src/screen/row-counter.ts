// Counts of crystals, passed on a few times a second.

const EVERY_MS = 250

export function rowCounter(pass: (count: number, failed: number) => void) {
  let [count, failed] = [0, 0]
  let last = 0
  const flush = () => {
    if (count > 0) pass(count, failed)
    ;[count, failed] = [0, 0]
    last = performance.now()
  }
  return {
    add(more: number, moreFailed: number): void {
      count += more
      failed += moreFailed
      if (performance.now() - last > EVERY_MS) flush()
    },
    flush,
  }
}
