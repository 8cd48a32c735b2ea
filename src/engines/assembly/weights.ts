// Attention weights of every atom over its periodic images: for each head a softmax of q_i·k_j + a_i·d_f² over all images
// f of atom i, image f belonging to atom j. Taniai et al. 2024, eqs. 5 to 9, as one softmax. Vectors run over heads, or
// over the channels of one head, so both must be multiples of 4.
//
// Rows: pairs pairStart[i] … pairStart[i+1]−1 belong to atom i; images imageStart[p] … imageStart[p+1]−1 to pair p.

import { exp4 } from './exp'
import { accumulate, dot } from './vectors'

/** Inputs q (scaled by dk^-½), k [A, H·dk]; a [A, H]. Output weight [F, H]. scratch: 3·H floats. */
export function weightsForward(
  atoms: usize,
  heads: usize,
  channels: usize,
  q: usize,
  k: usize,
  a: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  distance2: usize,
  weight: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  const score = scratch
  const top = scratch + H4
  const sum = scratch + 2 * H4

  for (let i: usize = 0; i < atoms; i++) {
    const qi = q + i * row
    const ai = a + i * H4
    const firstPair = load<usize>(pairStart + (i << 2))
    const endPair = load<usize>(pairStart + (i << 2), 4)
    const first = weight + load<usize>(imageStart + (firstPair << 2)) * H4
    const end = weight + load<usize>(imageStart + (endPair << 2)) * H4

    for (let h: usize = 0; h < H4; h += 16) {
      v128.store(top + h, f32x4.splat(-Infinity))
      v128.store(sum + h, f32x4.splat(0))
    }
    for (let p: usize = firstPair; p < endPair; p++) {
      const kj = k + load<usize>(pairAtom + (p << 2)) * row
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        store<f32>(score + (h << 2), dot(qi + at, kj + at, channels))
      }
      const endImage = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < endImage; f++) {
        const d2 = v128.load32_splat(distance2 + (f << 2))
        const wf = weight + f * H4
        for (let h: usize = 0; h < H4; h += 16) {
          const logit = f32x4.add(v128.load(score + h), f32x4.mul(v128.load(ai + h), d2))
          v128.store(wf + h, logit)
          v128.store(top + h, f32x4.max(v128.load(top + h), logit))
        }
      }
    }
    for (let wf = first; wf < end; wf += H4) {
      for (let h: usize = 0; h < H4; h += 16) {
        const e = exp4(f32x4.sub(v128.load(wf + h), v128.load(top + h)))
        v128.store(wf + h, e)
        v128.store(sum + h, f32x4.add(v128.load(sum + h), e))
      }
    }
    for (let h: usize = 0; h < H4; h += 16) {
      v128.store(sum + h, f32x4.div(f32x4.splat(1), v128.load(sum + h)))
    }
    for (let wf = first; wf < end; wf += H4) {
      for (let h: usize = 0; h < H4; h += 16) {
        v128.store(wf + h, f32x4.mul(v128.load(wf + h), v128.load(sum + h)))
      }
    }
  }
}

/**
 * Gradients for upstream g = ∂L/∂P [F, H]: the logit of image f gets P_f·(g_f − Σ P·g). scratch: 2·H floats.
 */
export function weightsBackward(
  atoms: usize,
  heads: usize,
  channels: usize,
  q: usize,
  k: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  distance2: usize,
  weight: usize,
  g: usize,
  dq: usize,
  dk: usize,
  da: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  const mean = scratch
  const dScore = scratch + H4
  memory.fill(dq, 0, atoms * row)
  memory.fill(dk, 0, atoms * row)
  memory.fill(da, 0, atoms * H4)

  for (let i: usize = 0; i < atoms; i++) {
    const qi = q + i * row
    const dqi = dq + i * row
    const dai = da + i * H4
    const firstPair = load<usize>(pairStart + (i << 2))
    const endPair = load<usize>(pairStart + (i << 2), 4)
    const first = load<usize>(imageStart + (firstPair << 2)) * H4
    const end = load<usize>(imageStart + (endPair << 2)) * H4

    memory.fill(mean, 0, H4)
    for (let f = first; f < end; f += H4) {
      for (let h: usize = 0; h < H4; h += 16) {
        const product = f32x4.mul(v128.load(weight + f + h), v128.load(g + f + h))
        v128.store(mean + h, f32x4.add(v128.load(mean + h), product))
      }
    }
    for (let p: usize = firstPair; p < endPair; p++) {
      const j = load<usize>(pairAtom + (p << 2)) * row
      memory.fill(dScore, 0, H4)
      const endImage = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < endImage; f++) {
        const d2 = v128.load32_splat(distance2 + (f << 2))
        const at = f * H4
        for (let h: usize = 0; h < H4; h += 16) {
          const excess = f32x4.sub(v128.load(g + at + h), v128.load(mean + h))
          const dLogit = f32x4.mul(v128.load(weight + at + h), excess)
          v128.store(dScore + h, f32x4.add(v128.load(dScore + h), dLogit))
          v128.store(dai + h, f32x4.add(v128.load(dai + h), f32x4.mul(dLogit, d2)))
        }
      }
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        const ds = load<f32>(dScore + (h << 2))
        accumulate(ds, k + j + at, dqi + at, channels)
        accumulate(ds, qi + at, dk + j + at, channels)
      }
    }
  }
}
