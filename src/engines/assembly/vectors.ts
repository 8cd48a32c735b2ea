// Sums of products of short rows, four floats at a time. Lengths are multiples of 4.

import { sum1 } from './exp'

/** Σ_c x[c]·y[c] */
// @ts-ignore: decorator
@inline
export function dot(x: usize, y: usize, count: usize): f32 {
  let s = f32x4.splat(0)
  for (let c: usize = 0; c < count; c += 4) {
    s = f32x4.add(s, f32x4.mul(v128.load(x + (c << 2)), v128.load(y + (c << 2))))
  }
  return sum1(s)
}

/** y += factor·x */
// @ts-ignore: decorator
@inline
export function accumulate(factor: f32, x: usize, y: usize, count: usize): void {
  const scale = f32x4.splat(factor)
  for (let c: usize = 0; c < count; c += 4) {
    const to = y + (c << 2)
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(scale, v128.load(x + (c << 2)))))
  }
}

/** y += x for bytes of floats */
// @ts-ignore: decorator
@inline
export function add(x: usize, y: usize, bytes: usize): void {
  for (let b: usize = 0; b < bytes; b += 16) v128.store(y + b, f32x4.add(v128.load(y + b), v128.load(x + b)))
}
