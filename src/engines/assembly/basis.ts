// The radial Gaussians of the value position encoding, only where they are not negligible: for each image a window of
// `width` consecutive ones, which holds every Gaussian whose centre is within 7 of its widths.

import { exp4 } from './exp'

/**
 * b_k(r) = exp(−(r − μ_k)² / 2(sδ)²), μ_k = (k + 1)·δ, for k from start[f] to start[f] + width − 1.
 * `distance2` [F] Å², out `start` [F] int32, out `basis` [F, width]. `width` is a multiple of 8 and at most `count`.
 * Taniai et al. 2024, section 3.3.
 */
export function radialBasis(
  images: i32,
  count: i32,
  width: i32,
  delta: f32,
  scale: f32,
  distance2: usize,
  start: usize,
  basis: usize,
): void {
  const factor = f32x4.splat(<f32>-0.5 / (scale * scale))
  for (let f = 0; f < images; f++) {
    const u = sqrt<f32>(load<f32>(distance2 + (f << 2))) / delta
    const first = max(0, min(count - width, <i32>nearest<f32>(u - 1) - (width >> 1) + 1))
    store<i32>(start + (f << 2), first)
    const row = basis + (<usize>(f * width) << 2)
    let offset = f32x4.sub(f32x4.splat(u - <f32>(first + 1)), f32x4(0, 1, 2, 3))
    for (let w = 0; w < width; w += 4) {
      v128.store(row + (w << 2), exp4(f32x4.mul(factor, f32x4.mul(offset, offset))))
      offset = f32x4.sub(offset, f32x4.splat(4))
    }
  }
}
