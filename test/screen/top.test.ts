import { expect, it } from 'vitest'
import { random } from '../../src/math/random/xoshiro.ts'
import { Top } from '../../src/screen/top.ts'

it.each([
  [false, 10],
  [true, 10],
  [false, 1],
  [true, 3000],
])('highest %s: the best %i of 2000, the first of equals first', (isHighest, most) => {
  const draw = random(3)
  const values = Array.from({ length: 2000 }, () => draw.integer(300) / 7)
  const top = new Top<number>(most, isHighest)
  for (const [n, value] of values.entries()) top.add(value, () => n)
  const sign = isHighest ? -1 : 1
  const expected = values
    .map((value, row) => ({ value, row }))
    .sort((a, b) => sign * (a.value - b.value) || a.row - b.row)
    .slice(0, most)
  expect(top.best).toEqual(expected)
})
