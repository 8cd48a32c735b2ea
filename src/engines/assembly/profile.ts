// What an atom sees of its surroundings, head by head: features z = Σ_f P_f·b(f) of its images as the attention weighs
// them, to be projected by a matrix product. First K radial Gaussians of the distance, one window of them an image
// (basis.ts); then, where there are frames, three axes of `cells` times 8 angular features: the direction cosine
// u = e·r̂ falls into one cell, and its features there are 1, t, … t⁷, t from −½ to ½ across the cell. A Gaussian of u
// that is at least as wide as a cell is a polynomial of degree 7 in it to 1e-7 (angular-cells.ts).
//
// The rows are those of weights.ts. Images of less weight than NEGLIGIBLE in every head are passed over: the share of
// all of them is below the rounding of float32.

import { sums4 } from './exp'

const NEGLIGIBLE: f32 = 1e-8
/** Floats of one cell. */
const TERMS: usize = 8

/**
 * Inputs weight [F, H]; start [F], basis [F, width]; unit [F, 3], zero for the atom itself; frames [n, A, H, 3, 3], the
 * features of which are summed. `least` is where the first cell begins, `perUnit` 1/width of a cell; `absolute` takes
 * |u|. Output z [H, A, K + 24·cells]. scratch: H·(K + 24·cells + 9·n) floats. K = 0, n = 0: no such features.
 */
export function profileForward(
  atoms: usize,
  heads: usize,
  count: usize,
  width: usize,
  frameCount: usize,
  cells: usize,
  least: f32,
  perUnit: f32,
  absolute: usize,
  weight: usize,
  pairStart: usize,
  imageStart: usize,
  start: usize,
  basis: usize,
  unit: usize,
  frames: usize,
  z: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const step = (count + (frameCount > 0 ? 3 * cells * TERMS : 0)) << 2
  const axes = scratch + heads * step
  for (let i: usize = 0; i < atoms; i++) {
    memory.fill(scratch, 0, heads * step)
    transposeFrames(frames, frameCount, atoms, i, heads, axes)
    const end = load<usize>(imageStart + (load<usize>(pairStart + (i << 2), 4) << 2))
    for (let f = load<usize>(imageStart + (load<usize>(pairStart + (i << 2)) << 2)); f < end; f++) {
      const wf = weight + f * H4
      if (isNegligible(wf, H4)) continue
      if (count > 0) {
        const window = basis + ((f * width) << 2)
        const zf = scratch + (load<usize>(start + (f << 2)) << 2)
        for (let w: usize = 0; w < width << 2; w += 32) spread(wf, window + w, zf + w, H4, step)
      }
      if (frameCount > 0 && hasDirection(unit, f)) {
        const x = v128.load32_splat(unit + 12 * f)
        const y = v128.load32_splat(unit + 12 * f, 4)
        const zz = v128.load32_splat(unit + 12 * f, 8)
        for (let h: usize = 0; h < H4; h += 16) {
          const P = v128.load(wf + h)
          for (let m: usize = 0; m < 3 * frameCount; m++) {
            const s = place(axes + 3 * m * H4 + h, H4, x, y, zz, least, perUnit, absolute)
            const cell = cellOf(s, cells)
            const t = f32x4.sub(f32x4.sub(s, f32x4.convert_i32x4_s(cell)), f32x4.splat(0.5))
            const to = scratch + (h >> 2) * step + ((count + (m % 3) * cells * TERMS) << 2)
            add8(to + (i32x4.extract_lane(cell, 0) << 5), f32x4.extract_lane(t, 0), f32x4.extract_lane(P, 0))
            add8(to + step + (i32x4.extract_lane(cell, 1) << 5), f32x4.extract_lane(t, 1), f32x4.extract_lane(P, 1))
            add8(to + 2 * step + (i32x4.extract_lane(cell, 2) << 5), f32x4.extract_lane(t, 2), f32x4.extract_lane(P, 2))
            add8(to + 3 * step + (i32x4.extract_lane(cell, 3) << 5), f32x4.extract_lane(t, 3), f32x4.extract_lane(P, 3))
          }
        }
      }
    }
    for (let h: usize = 0; h < heads; h++) memory.copy(z + (h * atoms + i) * step, scratch + h * step, step)
  }
}

/** Adds to dWeight [F, H] for upstream g = ∂L/∂z [H, A, K + 24·cells]. Other arguments as of profileForward. */
export function profileBackward(
  atoms: usize,
  heads: usize,
  count: usize,
  width: usize,
  frameCount: usize,
  cells: usize,
  least: f32,
  perUnit: f32,
  absolute: usize,
  weight: usize,
  pairStart: usize,
  imageStart: usize,
  start: usize,
  basis: usize,
  unit: usize,
  frames: usize,
  g: usize,
  dWeight: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const step = (count + (frameCount > 0 ? 3 * cells * TERMS : 0)) << 2
  const axes = scratch + heads * step
  for (let i: usize = 0; i < atoms; i++) {
    for (let h: usize = 0; h < heads; h++) memory.copy(scratch + h * step, g + (h * atoms + i) * step, step)
    transposeFrames(frames, frameCount, atoms, i, heads, axes)
    const end = load<usize>(imageStart + (load<usize>(pairStart + (i << 2), 4) << 2))
    for (let f = load<usize>(imageStart + (load<usize>(pairStart + (i << 2)) << 2)); f < end; f++) {
      const to = dWeight + f * H4
      if (isNegligible(weight + f * H4, H4)) continue
      const window = basis + ((f * width) << 2)
      const first = count > 0 ? load<usize>(start + (f << 2)) << 2 : 0
      const directed = frameCount > 0 && hasDirection(unit, f)
      const x = directed ? v128.load32_splat(unit + 12 * f) : f32x4.splat(0)
      const y = directed ? v128.load32_splat(unit + 12 * f, 4) : f32x4.splat(0)
      const zz = directed ? v128.load32_splat(unit + 12 * f, 8) : f32x4.splat(0)
      for (let h: usize = 0; h < H4; h += 16) {
        const from = scratch + (h >> 2) * step
        let s0 = f32x4.splat(0)
        let s1 = f32x4.splat(0)
        let s2 = f32x4.splat(0)
        let s3 = f32x4.splat(0)
        if (count > 0) {
          for (let w: usize = 0; w < width << 2; w += 16) {
            const b = v128.load(window + w)
            const row = from + first + w
            s0 = f32x4.add(s0, f32x4.mul(b, v128.load(row)))
            s1 = f32x4.add(s1, f32x4.mul(b, v128.load(row + step)))
            s2 = f32x4.add(s2, f32x4.mul(b, v128.load(row + 2 * step)))
            s3 = f32x4.add(s3, f32x4.mul(b, v128.load(row + 3 * step)))
          }
        }
        if (directed) {
          for (let m: usize = 0; m < 3 * frameCount; m++) {
            const s = place(axes + 3 * m * H4 + h, H4, x, y, zz, least, perUnit, absolute)
            const cell = cellOf(s, cells)
            const t = f32x4.sub(f32x4.sub(s, f32x4.convert_i32x4_s(cell)), f32x4.splat(0.5))
            const row = from + ((count + (m % 3) * cells * TERMS) << 2)
            s0 = f32x4.add(s0, value8(row + (i32x4.extract_lane(cell, 0) << 5), f32x4.extract_lane(t, 0)))
            s1 = f32x4.add(s1, value8(row + step + (i32x4.extract_lane(cell, 1) << 5), f32x4.extract_lane(t, 1)))
            s2 = f32x4.add(s2, value8(row + 2 * step + (i32x4.extract_lane(cell, 2) << 5), f32x4.extract_lane(t, 2)))
            s3 = f32x4.add(s3, value8(row + 3 * step + (i32x4.extract_lane(cell, 3) << 5), f32x4.extract_lane(t, 3)))
          }
        }
        v128.store(to + h, f32x4.add(v128.load(to + h), sums4(s0, s1, s2, s3)))
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function isNegligible(weight: usize, H4: usize): bool {
  let largest = v128.load(weight)
  for (let h: usize = 16; h < H4; h += 16) largest = f32x4.max(largest, v128.load(weight + h))
  return !v128.any_true(f32x4.gt(largest, f32x4.splat(NEGLIGIBLE)))
}

// @ts-ignore: decorator
@inline
function hasDirection(unit: usize, f: usize): bool {
  const at = unit + 12 * f
  return load<f32>(at) != 0 || load<f32>(at, 4) != 0 || load<f32>(at, 8) != 0
}

/** Frames of atom i as [n, 3 axes, 3 components, H], heads side by side. */
function transposeFrames(frames: usize, count: usize, atoms: usize, i: usize, heads: usize, axes: usize): void {
  for (let n: usize = 0; n < count; n++) {
    const from = frames + (n * atoms + i) * heads * 36
    for (let h: usize = 0; h < heads; h++) {
      for (let c: usize = 0; c < 9; c++) {
        store<f32>(axes + (((n * 9 + c) * heads + h) << 2), load<f32>(from + (h * 9 + c) * 4))
      }
    }
  }
}

/** u = e·r̂ of four heads, in cells from the first. */
// @ts-ignore: decorator
@inline
function place(
  axis: usize,
  H4: usize,
  x: v128,
  y: v128,
  z: v128,
  least: f32,
  perUnit: f32,
  absolute: usize,
): v128 {
  let u = f32x4.mul(v128.load(axis), x)
  u = f32x4.add(u, f32x4.mul(v128.load(axis + H4), y))
  u = f32x4.add(u, f32x4.mul(v128.load(axis + 2 * H4), z))
  if (absolute) u = f32x4.abs(u)
  return f32x4.mul(f32x4.sub(u, f32x4.splat(least)), f32x4.splat(perUnit))
}

/** The cell of each; u may be beyond an end by rounding. */
// @ts-ignore: decorator
@inline
function cellOf(s: v128, cells: usize): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(s)
  return i32x4.max_s(i32x4.min_s(whole, i32x4.splat(<i32>cells - 1)), i32x4.splat(0))
}

/** cell[n] += P·tⁿ, n = 0 … 7 */
// @ts-ignore: decorator
@inline
function add8(cell: usize, t: f32, P: f32): void {
  const low = f32x4.mul(firstPowers(t), f32x4.splat(P))
  const t4 = f32x4.splat(t * t * (t * t))
  v128.store(cell, f32x4.add(v128.load(cell), low))
  v128.store(cell, f32x4.add(v128.load(cell, 16), f32x4.mul(low, t4)), 16)
}

/** Four partial sums of Σ_n cell[n]·tⁿ. */
// @ts-ignore: decorator
@inline
function value8(cell: usize, t: f32): v128 {
  const t4 = f32x4.splat(t * t * (t * t))
  return f32x4.mul(firstPowers(t), f32x4.add(v128.load(cell), f32x4.mul(t4, v128.load(cell, 16))))
}

/** 1, t, t², t³ */
// @ts-ignore: decorator
@inline
function firstPowers(t: f32): v128 {
  const odd = v128.bitselect(f32x4.splat(t), f32x4.splat(1), i32x4(0, -1, 0, -1))
  const high = v128.bitselect(f32x4.splat(t * t), f32x4.splat(1), i32x4(0, 0, -1, -1))
  return f32x4.mul(odd, high)
}

/** z[h] += P[h]·b for eight radial functions and every head; rows of z are `step` bytes apart. */
// @ts-ignore: decorator
@inline
function spread(P: usize, b: usize, z: usize, H4: usize, step: usize): void {
  const b0 = v128.load(b)
  const b1 = v128.load(b, 16)
  for (let h: usize = 0; h < H4; h += 4, z += step) {
    const weight = v128.load32_splat(P + h)
    v128.store(z, f32x4.add(v128.load(z), f32x4.mul(weight, b0)))
    v128.store(z, f32x4.add(v128.load(z, 16), f32x4.mul(weight, b1)), 16)
  }
}
