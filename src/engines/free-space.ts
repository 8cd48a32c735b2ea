// Which parts of a memory are free: the first that is large enough is taken, and what is given back joins its
// neighbours. A step asks for a few hundred places, so a sorted list is enough.

/** Places begin at multiples of this: the widest vectors of TensorFlow. */
const ALIGNMENT = 64

interface Hole {
  start: number
  end: number
}

export class FreeSpace {
  /** In the order of their places; no two touch. */
  private readonly holes: Hole[] = []
  private readonly taken = new Map<number, number>()

  /** Bytes that are taken. */
  used = 0

  /** More memory, behind all that was there. */
  extend(start: number, end: number): void {
    this.insert({ start, end })
  }

  /** The place of so many bytes, or undefined where no hole is as large. */
  take(bytes: number): number | undefined {
    const size = roundUp(bytes)
    const n = this.holes.findIndex(({ start, end }) => end - start >= size)
    if (n < 0) return undefined
    const hole = this.holes[n]
    const at = hole.start
    hole.start += size
    if (hole.start === hole.end) this.holes.splice(n, 1)
    this.taken.set(at, size)
    this.used += size
    return at
  }

  giveBack(at: number): void {
    const size = this.taken.get(at)!
    this.taken.delete(at)
    this.used -= size
    this.insert({ start: at, end: at + size })
  }

  /** Bytes that `extend` must bring, at the end of the memory at `end`, for a place of so many. */
  missing(bytes: number, end: number): number {
    const last = this.holes.at(-1)
    return roundUp(bytes) - (last?.end === end ? end - last.start : 0)
  }

  private insert(hole: Hole): void {
    const n = this.holes.findIndex(({ start }) => start > hole.start)
    const at = n < 0 ? this.holes.length : n
    const [before, after] = [this.holes[at - 1], this.holes[at]]
    if (after?.start === hole.end) {
      hole.end = after.end
      this.holes.splice(at, 1)
    }
    if (before?.end === hole.start) before.end = hole.end
    else this.holes.splice(at, 0, hole)
  }
}

function roundUp(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
}
