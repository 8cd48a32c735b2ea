// The additive model of elements, against coefficients that the data were made with.

import { expect, it } from 'vitest'
import { additive, fitPerElement } from '../../src/data/per-element.ts'

/** y = 10·x(1) + 30·x(2) + 2·x(3), at every mixture in steps of a tenth. */
const TRUE = new Map([
  [1, 10],
  [2, 30],
  [3, 2],
])
const mixtures = Array.from({ length: 11 }, (_, a) =>
  Array.from({ length: 11 - a }, (_, b) => [a / 10, b / 10, (10 - a - b) / 10]),
).flat()
const observations = mixtures.map(([a, b, c]) => ({
  fractions: new Map([
    [1, a],
    [2, b],
    [3, c],
  ]),
  value: 10 * a + 30 * b + 2 * c,
}))

it('finds what the values are made of, and pulls towards their mean by the penalty', () => {
  const fitted = fitPerElement(observations, { penalty: 1e-6 })
  for (const [z, c] of TRUE) expect(fitted.get(z)).toBeCloseTo(c, 4)
  // One observation of the pure element, one of the penalty: half way to the mean, 20.
  const two = [
    { fractions: new Map([[1, 1]]), value: 10 },
    { fractions: new Map([[2, 1]]), value: 30 },
  ]
  expect([...fitPerElement(two, { penalty: 1 }).values()]).toEqual([15, 25].map((c) => expect.closeTo(c, 6)))
})

it('holds elements at the least they may have, and fits the others to that', () => {
  const held = fitPerElement(observations, { penalty: 1e-6, least: 5 })
  expect(held.get(3)).toBe(5)
  // With too much for element 3, the others get less.
  expect(held.get(1)).toBeLessThan(10)
  expect(held.get(2)).toBeLessThan(30)
})

it('sums over fractions, and knows no element that was not fitted', () => {
  const half = (a: number, b: number) => new Map([a, b].map((z) => [z, 0.5]))
  expect(additive(half(1, 2), TRUE)).toBe(20)
  expect(additive(half(1, 4), TRUE)).toBeNaN()
})
