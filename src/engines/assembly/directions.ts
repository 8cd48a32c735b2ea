// What frames are made of: moments of the directions of an atom's images, as the attention weighs them, the choice of
// one image, and the axes of two. Monomials x^a·y^b·z^c of a degree are in the order of models/crystalframer/frames/monomials.ts. The
// rows are those of weights.ts.

/** Monomials of degree 1 to 4, and of 1 to 5. */
const MOMENTS: usize = 34
const POWERS: usize = 55
/** An image at less than about a degree from e1 cannot define e2. */
const PARALLEL: f32 = 0.9999
/** Smallest 1 − |cos|. */
const SMALLEST: f32 = 1e-5
/** Of images that are parallel to e1, and of the atom itself: after all others. Weights are at most 1. */
const LAST: f32 = 2
const NEVER: f32 = -5
/** Images of less weight in every head change no float32 sum. */
const NEGLIGIBLE: f32 = 1e-8

/**
 * Means of the monomials of degree 1 to 4 over the images with a direction, by their weights; less total weight than
 * `least` counts as that. Inputs weight [F, H], vector [F, 3], zero for the atom itself. Output [A, H, 34]. scratch:
 * 35·H + 55 floats.
 */
export function directionMeans(
  atoms: usize,
  heads: usize,
  least: f32,
  weight: usize,
  pairStart: usize,
  imageStart: usize,
  vector: usize,
  out: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const sums = scratch
  const powers = scratch + (MOMENTS + 1) * H4
  for (let i: usize = 0; i < atoms; i++) {
    memory.fill(sums, 0, (MOMENTS + 1) * H4)
    const end = load<usize>(imageStart + (load<usize>(pairStart + (i << 2), 4) << 2))
    for (let f = load<usize>(imageStart + (load<usize>(pairStart + (i << 2)) << 2)); f < end; f++) {
      if (isOwn(vector, f)) continue
      const wf = weight + f * H4
      let largest = v128.load(wf)
      for (let h: usize = 16; h < H4; h += 16) largest = f32x4.max(largest, v128.load(wf + h))
      if (!v128.any_true(f32x4.gt(largest, f32x4.splat(NEGLIGIBLE)))) continue
      monomials(vector + 12 * f, 4, powers)
      for (let h: usize = 0; h < H4; h += 16) {
        const P = v128.load(wf + h)
        let to = sums + h
        v128.store(to, f32x4.add(v128.load(to), P))
        for (let n: usize = 0; n < MOMENTS; n++) {
          to += H4
          v128.store(to, f32x4.add(v128.load(to), f32x4.mul(P, v128.load32_splat(powers + (n << 2)))))
        }
      }
    }
    for (let h: usize = 0; h < heads; h++) {
      const total = max<f32>(load<f32>(sums + (h << 2)), least)
      for (let n: usize = 0; n < MOMENTS; n++) {
        const sum = load<f32>(sums + (n + 1) * H4 + (h << 2))
        store<f32>(out + (((i * heads + h) * MOMENTS + n) << 2), sum / total)
      }
    }
  }
}

/**
 * The direction of the image of largest rank for every atom and head, [A, H, 3]. If `beside`, the rank counts times
 * 1 − |cos(e1, r)| for the axes e1 [A, H, 3], and images parallel to e1 come last. Images within `tolerance` of the largest, a factor, are
 * tied: of them the one of largest `sign` times polynomial [A, H, …] of the monomials of degree 1 to `degree`, or the
 * first where the degree is 0. Inputs rank [F, H], at most 1; unit [F, 3], zero for the atom itself. scratch:
 * H·(images of an atom, at most, + 2) + 55 floats.
 */
export function bestDirections(
  atoms: usize,
  heads: usize,
  beside: usize,
  degree: usize,
  tolerance: f32,
  sign: f32,
  rank: usize,
  pairStart: usize,
  imageStart: usize,
  unit: usize,
  e1: usize,
  polynomial: usize,
  out: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const powers = scratch
  const threshold = powers + (POWERS << 2)
  const mark = threshold + H4
  const values = mark + H4
  const coefficients: usize = ((degree + 1) * (degree + 2) * (degree + 3)) / 6 - 1
  memory.fill(out, 0, atoms * heads * 12)
  for (let i: usize = 0; i < atoms; i++) {
    const first = load<usize>(imageStart + (load<usize>(pairStart + (i << 2)) << 2))
    const end = load<usize>(imageStart + (load<usize>(pairStart + (i << 2), 4) << 2))
    const axis = e1 + i * heads * 12
    const to = out + i * heads * 12
    for (let h: usize = 0; h < H4; h += 16) {
      v128.store(threshold + h, f32x4.splat(NEVER))
      v128.store(mark + h, f32x4.splat(-Infinity))
    }
    for (let f = first; f < end; f++) {
      const value = values + (f - first) * H4
      if (isOwn(unit, f)) {
        for (let h: usize = 0; h < H4; h += 16) v128.store(value + h, f32x4.splat(2 * NEVER))
        continue
      }
      for (let h: usize = 0; h < heads; h++) {
        let x = load<f32>(rank + f * H4 + (h << 2))
        if (beside) {
          const size = abs<f32>(cosine(axis + 12 * h, unit + 12 * f))
          x *= max<f32>(1 - size, SMALLEST)
          if (size > PARALLEL) x -= LAST
        }
        store<f32>(value + (h << 2), x)
        if (x > load<f32>(threshold + (h << 2))) store<f32>(threshold + (h << 2), x)
      }
    }
    for (let h: usize = 0; h < H4; h += 16) {
      const best = v128.load(threshold + h)
      v128.store(threshold + h, f32x4.min(best, f32x4.mul(best, f32x4.splat(tolerance))))
    }
    for (let f = first; f < end; f++) {
      const value = values + (f - first) * H4
      let known = false
      for (let h: usize = 0; h < heads; h++) {
        if (load<f32>(value + (h << 2)) < load<f32>(threshold + (h << 2))) continue
        if (degree > 0 && !known) {
          monomials(unit + 12 * f, degree, powers)
          known = true
        }
        let signature: f32 = 0
        const terms = polynomial + (((i * heads + h) * coefficients) << 2)
        for (let n: usize = 0; n < coefficients; n++) {
          signature += load<f32>(terms + (n << 2)) * load<f32>(powers + (n << 2))
        }
        if (sign * signature > load<f32>(mark + (h << 2))) {
          store<f32>(mark + (h << 2), sign * signature)
          memory.copy(to + 12 * h, unit + 12 * f, 12)
        }
      }
    }
  }
}

/**
 * Frames [rows, 3, 3] with axes as rows: e1, what of `beside` is perpendicular to it, and their cross product. Inputs e1,
 * beside [rows, 3]. A vector shorter than `shortest` is divided by that.
 */
export function framesOf(rows: usize, shortest: f32, e1: usize, beside: usize, out: usize): void {
  for (let row: usize = 0; row < rows; row++, e1 += 12, beside += 12, out += 36) {
    const along = cosine(e1, beside)
    const second = out + 12
    for (let c: usize = 0; c < 12; c += 4) {
      store<f32>(out + c, load<f32>(e1 + c))
      store<f32>(second + c, load<f32>(beside + c) - along * load<f32>(e1 + c))
    }
    const length = max<f32>(sqrt<f32>(cosine(second, second)), shortest)
    for (let c: usize = 0; c < 12; c += 4) store<f32>(second + c, load<f32>(second + c) / length)
    store<f32>(out, minor(e1, second, 4, 8), 24)
    store<f32>(out, minor(e1, second, 8, 0), 28)
    store<f32>(out, minor(e1, second, 0, 4), 32)
  }
}

// @ts-ignore: decorator
@inline
function minor(a: usize, b: usize, p: usize, q: usize): f32 {
  return load<f32>(a + p) * load<f32>(b + q) - load<f32>(a + q) * load<f32>(b + p)
}

// @ts-ignore: decorator
@inline
function isOwn(unit: usize, f: usize): bool {
  const at = unit + 12 * f
  return load<f32>(at) == 0 && load<f32>(at, 4) == 0 && load<f32>(at, 8) == 0
}

// @ts-ignore: decorator
@inline
function cosine(a: usize, b: usize): f32 {
  return load<f32>(a) * load<f32>(b) + load<f32>(a, 4) * load<f32>(b, 4) + load<f32>(a, 8) * load<f32>(b, 8)
}

/**
 * All monomials of degree 1 to `degree` of a vector. Those of a degree are x times all of the one before, y times those
 * of it without x, and z times its last.
 */
function monomials(vector: usize, degree: usize, to: usize): void {
  const x = load<f32>(vector)
  const y = load<f32>(vector, 4)
  const z = load<f32>(vector, 8)
  store<f32>(to, x)
  store<f32>(to, y, 4)
  store<f32>(to, z, 8)
  let before = to
  let size: usize = 3
  to += 12
  for (let d: usize = 2; d <= degree; d++) {
    const made = to
    for (let n: usize = 0; n < size; n++, to += 4) store<f32>(to, x * load<f32>(before + (n << 2)))
    for (let n = size - d; n < size; n++, to += 4) store<f32>(to, y * load<f32>(before + (n << 2)))
    store<f32>(to, z * load<f32>(before + ((size - 1) << 2)))
    to += 4
    before = made
    size += d + 1
  }
}
