// Attention of every atom over its periodic images, in one sweep over the images and none over padding. With
// P_f ∝ exp(q_i·k_j + a_i·d_f²), the joint softmax over all images f of atom i (image f belongs to atom j):
//
//     out_i = Σ_f P_f (v_j + W b(r_f))
//
// per head. Taniai et al. 2024, eqs. 5 to 9, summed in another order. One basis window b(r_f) serves all heads and
// blocks. Vectors run over heads, or over the channels of one head, so both must be multiples of 4;
// radial functions are taken eight at a time.
//
// Rows: pairs pairStart[i] … pairStart[i+1]−1 belong to atom i; images imageStart[p] … imageStart[p+1]−1 to pair p.

import { exp4, sum1, sums4 } from './exp'

/** Σ_c x[c]·y[c] */
// @ts-ignore: decorator
@inline
function dot(x: usize, y: usize, count: usize): f32 {
  let s = f32x4.splat(0)
  for (let c: usize = 0; c < count; c += 4) s = f32x4.add(s, f32x4.mul(v128.load(x + (c << 2)), v128.load(y + (c << 2))))
  return sum1(s)
}

/** y += factor·x */
// @ts-ignore: decorator
@inline
function accumulate(factor: f32, x: usize, y: usize, count: usize): void {
  const scale = f32x4.splat(factor)
  for (let c: usize = 0; c < count; c += 4) {
    const to = y + (c << 2)
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(scale, v128.load(x + (c << 2)))))
  }
}

/**
 * Inputs q (scaled by dk^-½), k, v [A, H·dk]; a [A, H]; W [H, dk, K]. Outputs out [A, H·dk], and for the backward pass
 * z = Σ_f P_f b(r_f) [A, H, K], the unnormalised weights [F, H] and their norms 1/Σ [A, H]. scratch: 3·H floats.
 * K = 0: no position encoding of values.
 */
export function attentionForward(
  atoms: usize,
  heads: usize,
  channels: usize,
  count: usize,
  width: usize,
  q: usize,
  k: usize,
  v: usize,
  a: usize,
  W: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  distance2: usize,
  start: usize,
  basis: usize,
  out: usize,
  z: usize,
  weight: usize,
  norm: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  const zRow = H4 * count
  const score = scratch
  const top = scratch + H4
  const pairWeight = scratch + 2 * H4
  memory.fill(out, 0, atoms * row)
  memory.fill(z, 0, atoms * zRow)

  for (let i: usize = 0; i < atoms; i++) {
    const qi = q + i * row
    const ai = a + i * H4
    const oi = out + i * row
    const zi = z + i * zRow
    const ni = norm + i * H4
    const firstPair = load<usize>(pairStart + (i << 2))
    const endPair = load<usize>(pairStart + (i << 2), 4)

    for (let h: usize = 0; h < H4; h += 16) {
      v128.store(top + h, f32x4.splat(-Infinity))
      v128.store(ni + h, f32x4.splat(0))
    }
    for (let p: usize = firstPair; p < endPair; p++) {
      const kj = k + load<usize>(pairAtom + (p << 2)) * row
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        store<f32>(score + (h << 2), dot(qi + at, kj + at, channels))
      }
      const end = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < end; f++) {
        const d2 = v128.load32_splat(distance2 + (f << 2))
        const wf = weight + f * H4
        for (let h: usize = 0; h < H4; h += 16) {
          const logit = f32x4.add(v128.load(score + h), f32x4.mul(v128.load(ai + h), d2))
          v128.store(wf + h, logit)
          v128.store(top + h, f32x4.max(v128.load(top + h), logit))
        }
      }
    }

    for (let p: usize = firstPair; p < endPair; p++) {
      for (let h: usize = 0; h < H4; h += 16) v128.store(pairWeight + h, f32x4.splat(0))
      const end = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < end; f++) {
        const wf = weight + f * H4
        for (let h: usize = 0; h < H4; h += 16) {
          const e = exp4(f32x4.sub(v128.load(wf + h), v128.load(top + h)))
          v128.store(wf + h, e)
          v128.store(pairWeight + h, f32x4.add(v128.load(pairWeight + h), e))
        }
        if (count > 0) {
          const window = basis + ((f * width) << 2)
          const zf = zi + (load<usize>(start + (f << 2)) << 2)
          for (let w: usize = 0; w < width << 2; w += 32) spread(wf, window + w, zf + w, H4, count << 2)
        }
      }
      const vj = v + load<usize>(pairAtom + (p << 2)) * row
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        accumulate(load<f32>(pairWeight + (h << 2)), vj + at, oi + at, channels)
      }
      for (let h: usize = 0; h < H4; h += 16) {
        v128.store(ni + h, f32x4.add(v128.load(ni + h), v128.load(pairWeight + h)))
      }
    }

    for (let h: usize = 0; h < heads; h++) {
      const inverse: f32 = 1 / load<f32>(ni + (h << 2))
      store<f32>(ni + (h << 2), inverse)
      const scale = f32x4.splat(inverse)
      const zh = zi + ((h * count) << 2)
      for (let c: usize = 0; c < count << 2; c += 16) v128.store(zh + c, f32x4.mul(v128.load(zh + c), scale))
      for (let c: usize = 0; c < channels; c += 4) {
        const to = oi + ((h * channels + c) << 2)
        const projected = project4(zh, W + (((h * channels + c) * count) << 2), count)
        v128.store(to, f32x4.add(f32x4.mul(v128.load(to), scale), projected))
      }
    }
  }
}

/** z[h, 0…7] += P[h]·b[0…7] for every head h, rows of z being `step` bytes apart. */
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

/** [Σ_k z[k]·W[c, k]] for four consecutive rows c of W. */
// @ts-ignore: decorator
@inline
function project4(z: usize, W: usize, count: usize): v128 {
  const step = count << 2
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let k: usize = 0; k < step; k += 16) {
    const x = v128.load(z + k)
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(W + k)))
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(W + k + step)))
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(W + k + 2 * step)))
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(W + k + 3 * step)))
  }
  return sums4(s0, s1, s2, s3)
}

/**
 * Gradients of attentionForward for upstream g = ∂L/∂out [A, H·dk]. With y_f = v_j + W b(r_f), the logit of image f gets
 * P_f (g·y_f − g·out_i); everything else follows from it. scratch: H·K + 4·H floats.
 */
export function attentionBackward(
  atoms: usize,
  heads: usize,
  channels: usize,
  count: usize,
  width: usize,
  q: usize,
  k: usize,
  v: usize,
  W: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  distance2: usize,
  start: usize,
  basis: usize,
  out: usize,
  z: usize,
  weight: usize,
  norm: usize,
  g: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  da: usize,
  dW: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  const zRow = H4 * count
  const gz = scratch
  const meanTerm = gz + zRow
  const valueTerm = meanTerm + H4
  const dScore = valueTerm + H4
  const pairWeight = dScore + H4
  memory.fill(dq, 0, atoms * row)
  memory.fill(dk, 0, atoms * row)
  memory.fill(dv, 0, atoms * row)
  memory.fill(da, 0, atoms * H4)
  memory.fill(dW, 0, row * count)

  for (let i: usize = 0; i < atoms; i++) {
    const qi = q + i * row
    const gi = g + i * row
    const dqi = dq + i * row
    const dai = da + i * H4
    const ni = norm + i * H4
    const zi = z + i * zRow
    memory.fill(gz, 0, zRow)
    for (let h: usize = 0; h < heads; h++) {
      const at = (h * channels) << 2
      store<f32>(meanTerm + (h << 2), dot(gi + at, out + i * row + at, channels))
      const zh = (h * count) << 2
      for (let c: usize = 0; c < channels; c++) {
        const gc = load<f32>(gi + at + (c << 2))
        const Wc = ((h * channels + c) * count) << 2
        accumulate(gc, W + Wc, gz + zh, count)
        accumulate(gc, zi + zh, dW + Wc, count)
      }
    }

    const endPair = load<usize>(pairStart + (i << 2), 4)
    for (let p: usize = load<usize>(pairStart + (i << 2)); p < endPair; p++) {
      const j = load<usize>(pairAtom + (p << 2)) * row
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        store<f32>(valueTerm + (h << 2), dot(gi + at, v + j + at, channels) - load<f32>(meanTerm + (h << 2)))
      }
      for (let h: usize = 0; h < H4; h += 16) {
        v128.store(dScore + h, f32x4.splat(0))
        v128.store(pairWeight + h, f32x4.splat(0))
      }
      const end = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < end; f++) {
        const d2 = v128.load32_splat(distance2 + (f << 2))
        const wf = weight + f * H4
        const window = basis + ((f * width) << 2)
        const first = count > 0 ? load<usize>(start + (f << 2)) << 2 : 0
        for (let h: usize = 0; h < H4; h += 16) {
          const encoded = windowed4(gz + h * count + first, window, count, width)
          const P = f32x4.mul(v128.load(wf + h), v128.load(ni + h))
          const dLogit = f32x4.mul(P, f32x4.add(v128.load(valueTerm + h), encoded))
          v128.store(dScore + h, f32x4.add(v128.load(dScore + h), dLogit))
          v128.store(dai + h, f32x4.add(v128.load(dai + h), f32x4.mul(dLogit, d2)))
          v128.store(pairWeight + h, f32x4.add(v128.load(pairWeight + h), P))
        }
      }
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        const ds = load<f32>(dScore + (h << 2))
        accumulate(ds, k + j + at, dqi + at, channels)
        accumulate(ds, qi + at, dk + j + at, channels)
        accumulate(load<f32>(pairWeight + (h << 2)), gi + at, dv + j + at, channels)
      }
    }
  }
}

/** [Σ_w gz[h, w]·b[w]] for four consecutive heads. */
// @ts-ignore: decorator
@inline
function windowed4(gz: usize, window: usize, count: usize, width: usize): v128 {
  const step = count << 2
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let w: usize = 0; w < width << 2; w += 16) {
    const b = v128.load(window + w)
    s0 = f32x4.add(s0, f32x4.mul(b, v128.load(gz + w)))
    s1 = f32x4.add(s1, f32x4.mul(b, v128.load(gz + w + step)))
    s2 = f32x4.add(s2, f32x4.mul(b, v128.load(gz + w + 2 * step)))
    s3 = f32x4.add(s3, f32x4.mul(b, v128.load(gz + w + 3 * step)))
  }
  return sums4(s0, s1, s2, s3)
}
