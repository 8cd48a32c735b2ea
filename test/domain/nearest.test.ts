// The nearest places of a list, beside looking at all of them.

import { describe, expect, it } from 'vitest'
import { nearestIn } from '../../src/domain/nearest.ts'
import { plainProducts, productsWith, ROW } from '../../src/domain/products.ts'
import { random } from '../../src/math/random/xoshiro.ts'

/** Places around some, as centres of features lie, in whole numbers of `step`. */
function placesOf(count: number, axes: number, seed: number, step = 0.08) {
  const draw = random(seed)
  const around = Array.from({ length: 5 }, () => Array.from({ length: axes }, () => draw.between(-90, 90)))
  const whole = Int8Array.from({ length: count * axes }, (_, at) =>
    Math.round(around[Math.floor(at / axes) % around.length][at % axes] + draw.between(-37, 37)),
  )
  return { whole, step, places: Float32Array.from(whole, (x) => x * step) }
}

function lookingAtAll(list: Float32Array, axes: number, place: Float64Array, most: number) {
  const all = Array.from({ length: list.length / axes }, (_, n) => ({
    n,
    squared: place.reduce((sum, x, k) => sum + (list[n * axes + k] - x) ** 2, 0),
  }))
  return all.sort((a, b) => a.squared - b.squared || a.n - b.n).slice(0, most)
}

describe('nearestIn', () => {
  it.each([
    [2000, 32],
    [2001, 31],
    [300, 3],
    [64, 1],
    [4, 7],
    [1, 2],
  ])('gives of %i places with %i axes what looking at all gives', (count, axes) => {
    const list = placesOf(count, axes, 1)
    const nearest = nearestIn(list, axes, 5)
    const { places: asked } = placesOf(100, axes, 2, 0.0801)
    for (let n = 0; n < 100; n++) {
      const place = Float64Array.from(asked.subarray(n * axes, (n + 1) * axes))
      expect(nearest(place)).toEqual(lookingAtAll(list.places, axes, place, 5))
    }
  })

  it('gives of equal places the first ones', () => {
    const whole = new Int8Array(40).fill(2)
    const nearest = nearestIn({ whole, step: 1, places: Float32Array.from(whole) }, 2, 5)
    expect(nearest(Float64Array.of(2, 2)).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
    expect(nearest(Float64Array.of(0, 0)).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
  })

  it('gives of a place far away the same, too', () => {
    const list = placesOf(100, 2, 3)
    const far = Float64Array.of(1e6, -1e6)
    expect(nearestIn(list, 2, 5)(far)).toEqual(lookingAtAll(list.places, 2, far, 5))
  })
})

it('products are the same with and without WebAssembly', () => {
  const { whole } = placesOf(501, 31, 4)
  const [fast, plain] = [productsWith(whole, 31), plainProducts(whole, 31)]
  const draw = random(5)
  for (let n = 0; n < 20; n++) {
    const row = Int16Array.from({ length: ROW }, (_, k) => (k < 31 ? draw.between(-32_767, 32_767) : 0))
    expect(fast(row)).toEqual(plain(row))
  }
})
