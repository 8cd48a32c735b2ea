// One optimiser step on one tensor, in one pass instead of twelve. The formula and its order are those of
// src/training/adamw.ts.

/** Inputs and outputs of `count` floats; `rest1` and `rest2` are 1 − β1 and 1 − β2, `decay` is 1 − lr·λ. */
export function adamW(
  count: usize,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  wOut: usize,
  mOut: usize,
  vOut: usize,
  scale: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  decay: f32,
  stepSize: f32,
  rootCorrection: f32,
  epsilon: f32,
): void {
  const bytes = count << 2
  let at: usize = 0
  for (; at + 16 <= bytes; at += 16) {
    const gradient = f32x4.mul(v128.load(g + at), f32x4.splat(scale))
    const first = f32x4.add(
      f32x4.mul(v128.load(m + at), f32x4.splat(beta1)),
      f32x4.mul(gradient, f32x4.splat(rest1)),
    )
    const second = f32x4.add(
      f32x4.mul(v128.load(v + at), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(rest2)),
    )
    const root = f32x4.div(f32x4.sqrt(second), f32x4.splat(rootCorrection))
    const change = f32x4.mul(f32x4.div(first, f32x4.add(root, f32x4.splat(epsilon))), f32x4.splat(stepSize))
    v128.store(mOut + at, first)
    v128.store(vOut + at, second)
    v128.store(wOut + at, f32x4.sub(f32x4.mul(v128.load(w + at), f32x4.splat(decay)), change))
  }
  for (; at < bytes; at += 4) {
    const gradient = load<f32>(g + at) * scale
    const first = load<f32>(m + at) * beta1 + gradient * rest1
    const second = load<f32>(v + at) * beta2 + gradient * gradient * rest2
    const root = sqrt<f32>(second) / rootCorrection
    store<f32>(mOut + at, first)
    store<f32>(vOut + at, second)
    store<f32>(wOut + at, load<f32>(w + at) * decay - (first / (root + epsilon)) * stepSize)
  }
}

/** Σ x² of `count` floats; in double precision, so that the order does not matter. */
export function sumOfSquares(count: usize, x: usize): f64 {
  let s0 = f64x2.splat(0)
  let s1 = f64x2.splat(0)
  const end = x + (count << 2)
  for (; x + 16 <= end; x += 16) {
    const four = v128.load(x)
    const low = f64x2.promote_low_f32x4(four)
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 0, 1))
    s0 = f64x2.add(s0, f64x2.mul(low, low))
    s1 = f64x2.add(s1, f64x2.mul(high, high))
  }
  s0 = f64x2.add(s0, s1)
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)
  for (; x < end; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x)
  return sum
}
