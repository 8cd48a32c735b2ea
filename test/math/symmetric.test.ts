// Eigenvectors of symmetric matrices, against the definition.

import { describe, expect, it } from 'vitest'
import { symmetricEigenvectors } from '../../src/math/symmetric.ts'

describe('symmetricEigenvectors', () => {
  it('gives the values of a matrix known by hand, the largest first', () => {
    const { values } = symmetricEigenvectors(Float64Array.from([2, 1, 0, 1, 2, 0, 0, 0, 5]), 3)
    expect([...values].map((x) => Number(x.toFixed(12)))).toEqual([5, 3, 1])
  })

  it.each([1, 7, 40])('A·v = λ·v and v·w = 0 for %i rows', (n) => {
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = Math.sin(3 * i + 7 * j)
    const { values, axes } = symmetricEigenvectors(matrix, n)
    for (let k = 0; k < n; k++) {
      const axis = axes.subarray(k * n, (k + 1) * n)
      for (let i = 0; i < n; i++) {
        const product = axis.reduce((sum, x, j) => sum + matrix[i * n + j] * x, 0)
        expect(product).toBeCloseTo(values[k] * axis[i], 9)
      }
      for (let l = 0; l <= k; l++) {
        const overlap = axis.reduce((sum, x, j) => sum + x * axes[l * n + j], 0)
        expect(overlap).toBeCloseTo(l === k ? 1 : 0, 9)
      }
    }
  })
})
