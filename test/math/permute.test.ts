import { describe, expect, it } from 'vitest'
import { inverseOrder, permuteAxes } from '../../src/math/permute.ts'

describe('permuteAxes', () => {
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6)

  it('transposes a matrix, and leaves what is in order', () => {
    expect([...permuteAxes(matrix, [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6])
    expect([...permuteAxes(matrix, [2, 3], [0, 1])]).toEqual([...matrix])
    expect([...permuteAxes(Float32Array.of(7), [], [])]).toEqual([7])
    expect([...permuteAxes(new Float32Array(0), [2, 0], [1, 0])]).toEqual([])
  })

  it('puts element [i, j, k] of three axes at [k, i, j], and back', () => {
    const data = Float32Array.from({ length: 24 }, (_, n) => n)
    const permuted = permuteAxes(data, [2, 3, 4], [2, 0, 1])
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) expect(permuted[6 * k + 3 * i + j]).toBe(data[12 * i + 4 * j + k])
    expect(permuteAxes(permuted, [4, 2, 3], inverseOrder([2, 0, 1]))).toEqual(data)
  })
})
