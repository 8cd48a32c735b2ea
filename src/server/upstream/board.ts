// Which servers answer, in memory that all threads see: a number each. The thread that asks one in vain takes it off, and the
// one that watches them (fleet.ts) puts it on again.

export interface Board {
  /** to be handed to other threads */
  readonly memory: Int32Array
  isUp(n: number): boolean
  set(n: number, up: boolean): void
  /** how many are up */
  count(): number
}

export function newBoard(servers: number): Board {
  return boardIn(new Int32Array(new SharedArrayBuffer(4 * servers)))
}

export function boardIn(memory: Int32Array): Board {
  return {
    memory,
    isUp: (n) => Atomics.load(memory, n) === 1,
    set: (n, up) => void Atomics.store(memory, n, up ? 1 : 0),
    count: () => memory.reduce((sum, _, n) => sum + Atomics.load(memory, n), 0),
  }
}
