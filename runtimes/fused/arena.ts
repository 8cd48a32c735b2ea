// Room in the memory of a machine, one piece after the other, and what is written and read there.

import type { Machine } from './machine.ts'

/** Words of a cache line, or of two: pieces begin at one. */
const LINE = 16

export interface Arena {
  /** Room for so many words, whose values are what was there before. @throws DeviceError */
  take(count: number): number
  /** Room for so many numbers in float64. */
  takeDoubles(count: number): number
  placeInts(values: ArrayLike<number>): number
  placeFloats(values: ArrayLike<number>): number
  placeDoubles(values: Float64Array): number
  /** A view of such numbers, to be copied before more is taken. */
  doubles(at: number, count: number): Float64Array
  setInt(at: number, value: number): void
  int(at: number): number
  setFloat(at: number, value: number): void
  setFloats(at: number, values: ArrayLike<number>): void
  copy(at: number, count: number): Float32Array
  /** How far it is taken. */
  mark(): number
  /** Gives back all that was taken since a mark. */
  release(mark: number): void
}

export function arena(machine: Machine): Arena {
  let next = Math.ceil(machine.firstWord / LINE) * LINE
  const bytes = machine.floats.BYTES_PER_ELEMENT
  /** Places in `ints` a word. */
  const step = bytes / Int32Array.BYTES_PER_ELEMENT
  const perDouble = Float64Array.BYTES_PER_ELEMENT / bytes
  const take = (count: number): number => {
    const at = next
    next += Math.ceil(count / LINE) * LINE
    machine.reserve(next)
    return at
  }
  const takeDoubles = (count: number) => take(perDouble * count)
  const doubles = (at: number, count: number) => new Float64Array(machine.floats.buffer, bytes * at, count)
  const setInt = (at: number, value: number): void => {
    const { ints } = machine
    ints[step * at] = value
    if (step > 1) ints[step * at + 1] = value < 0 ? -1 : 0
  }
  return {
    take,
    takeDoubles,
    placeInts(values) {
      const at = take(values.length)
      if (step === 1) machine.ints.set(values, at)
      else for (let n = 0; n < values.length; n++) setInt(at + n, values[n])
      return at
    },
    placeFloats(values) {
      const at = take(values.length)
      machine.floats.set(values, at)
      return at
    },
    placeDoubles(values) {
      const at = takeDoubles(values.length)
      doubles(at, values.length).set(values)
      return at
    },
    doubles,
    setInt,
    int: (at) => machine.ints[step * at],
    setFloat(at, value) {
      machine.floats[at] = value
    },
    setFloats(at, values) {
      machine.floats.set(values, at)
    },
    copy: (at, count) => new Float32Array(machine.floats.subarray(at, at + count)),
    mark: () => next,
    release(mark) {
      next = mark
    },
  }
}
