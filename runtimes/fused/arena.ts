// Room in the memory of a machine, one piece after the other.

import type { Machine } from './machine.ts'

/** Words of a cache line: pieces begin at one. */
const LINE = 16

export interface Arena {
  /** Room for so many words, whose values are what was there before. @throws DeviceError */
  take(count: number): number
  placeInts(values: ArrayLike<number>): number
  placeFloats(values: ArrayLike<number>): number
  /** Numbers of two words each. */
  placeDoubles(values: Float64Array): number
  /** A view of such numbers, to be copied before more is taken. */
  doubles(at: number, count: number): Float64Array
  /** The memory as it is now: to be asked for again after `take`. */
  readonly floats: Float32Array
  readonly ints: Int32Array
  copy(at: number, count: number): Float32Array
  /** How far it is taken. */
  mark(): number
  /** Gives back all that was taken since a mark. */
  release(mark: number): void
}

export function arena(machine: Machine): Arena {
  let next = Math.ceil(machine.firstWord / LINE) * LINE
  const take = (count: number): number => {
    const at = next
    next += Math.ceil(count / LINE) * LINE
    machine.reserve(next)
    return at
  }
  const doubles = (at: number, count: number) => new Float64Array(machine.floats.buffer, 4 * at, count)
  return {
    take,
    placeInts(values) {
      const at = take(values.length)
      machine.ints.set(values, at)
      return at
    },
    placeFloats(values) {
      const at = take(values.length)
      machine.floats.set(values, at)
      return at
    },
    placeDoubles(values) {
      const at = take(2 * values.length)
      doubles(at, values.length).set(values)
      return at
    },
    doubles,
    get floats() {
      return machine.floats
    },
    get ints() {
      return machine.ints
    },
    copy: (at, count) => machine.floats.slice(at, at + count),
    mark: () => next,
    release(mark) {
      next = mark
    },
  }
}
