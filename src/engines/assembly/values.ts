// Values of the neighbours as the attention weighs them, Σ_f P_f v_j for every head. The rows are those of weights.ts.

import { accumulate, add, dot } from './vectors'

/** Inputs weight [F, H], v [A, H·dk]. Output out [A, H·dk]. scratch: H floats. */
export function valuesForward(
  atoms: usize,
  heads: usize,
  channels: usize,
  weight: usize,
  v: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  out: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  memory.fill(out, 0, atoms * row)
  for (let i: usize = 0; i < atoms; i++) {
    const endPair = load<usize>(pairStart + (i << 2), 4)
    for (let p: usize = load<usize>(pairStart + (i << 2)); p < endPair; p++) {
      pairWeights(weight, imageStart, p, H4, scratch)
      const vj = v + load<usize>(pairAtom + (p << 2)) * row
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        accumulate(load<f32>(scratch + (h << 2)), vj + at, out + i * row + at, channels)
      }
    }
  }
}

/** Gradients dWeight [F, H], which is the same for all images of a pair, and dv for upstream g [A, H·dk]. */
export function valuesBackward(
  atoms: usize,
  heads: usize,
  channels: usize,
  weight: usize,
  v: usize,
  pairStart: usize,
  pairAtom: usize,
  imageStart: usize,
  g: usize,
  dWeight: usize,
  dv: usize,
  scratch: usize,
): void {
  const H4 = heads << 2
  const row = H4 * channels
  memory.fill(dv, 0, atoms * row)
  for (let i: usize = 0; i < atoms; i++) {
    const gi = g + i * row
    const endPair = load<usize>(pairStart + (i << 2), 4)
    for (let p: usize = load<usize>(pairStart + (i << 2)); p < endPair; p++) {
      const j = load<usize>(pairAtom + (p << 2)) * row
      pairWeights(weight, imageStart, p, H4, scratch)
      for (let h: usize = 0; h < heads; h++) {
        const at = (h * channels) << 2
        accumulate(load<f32>(scratch + (h << 2)), gi + at, dv + j + at, channels)
        store<f32>(scratch + (h << 2), dot(gi + at, v + j + at, channels))
      }
      const end = load<usize>(imageStart + (p << 2), 4)
      for (let f: usize = load<usize>(imageStart + (p << 2)); f < end; f++) {
        memory.copy(dWeight + f * H4, scratch, H4)
      }
    }
  }
}

/** Σ of the weights of the images of pair p, [H]. */
// @ts-ignore: decorator
@inline
function pairWeights(weight: usize, imageStart: usize, p: usize, H4: usize, sum: usize): void {
  memory.fill(sum, 0, H4)
  const end = load<usize>(imageStart + (p << 2), 4)
  for (let f: usize = load<usize>(imageStart + (p << 2)); f < end; f++) add(weight + f * H4, sum, H4)
}
