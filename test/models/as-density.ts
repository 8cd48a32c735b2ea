// Golden weights of max frames, read as those of densities of axes: the first two axes become the two densities, and what
// the Gaussians of the cosine span is projected on Legendre polynomials. No such network was trained; it has the size and
// the sharpness of one.

import type { CrystalframerConfig } from '../../models/attention/config.ts'
import { modelConfig } from '../../models/attention/config.ts'
import type { Weights } from '../../models/safetensors.ts'

const DEGREE = 8
const POINTS = 400

/** The configuration and the weights. */
export function asDensity(config: CrystalframerConfig, weights: Weights) {
  const table = spanned(config)
  const read = new Map(
    [...weights].flatMap(([name, tensor]) => {
      if (!name.includes('proj_angle')) return [[name, tensor] as const]
      if (name.endsWith('3')) return []
      const [one, heads, channels, gaussians] = tensor.shape
      const data = new Float32Array(heads * channels * (DEGREE + 1))
      for (let n = 0; n < data.length; n++) {
        const [row, l] = [Math.floor(n / (DEGREE + 1)), n % (DEGREE + 1)]
        for (let t = 0; t < gaussians; t++) data[n] += tensor.data[row * gaussians + t] * table[l][t]
      }
      const shape = [one, heads, channels, DEGREE + 1]
      return [[name.replace('proj_angle', 'proj_density'), { shape, data }] as const]
    }),
  )
  return {
    config: modelConfig({ ...config, frame_method: 'density', density_degree: DEGREE }),
    weights: read,
  }
}

/** (2l + 1)/2·∫ P_l(u)·b_t(u) du, by l, then t. */
function spanned({
  value_pe_angle_real: count,
  value_pe_angle_wscale: scale,
}: CrystalframerConfig): number[][] {
  const step = 2 / (count - 1)
  return Array.from({ length: DEGREE + 1 }, (_, l) =>
    Array.from({ length: count }, (_, t) => {
      let sum = 0
      for (let n = 0; n < POINTS; n++) {
        const u = -1 + (2 * (n + 0.5)) / POINTS
        sum += legendre(l, u) * Math.exp(-((u + 1 - t * step) ** 2) / (2 * (scale * step) ** 2))
      }
      return ((2 * l + 1) / POINTS) * sum
    }),
  )
}

/** P_l(u) by Rodrigues' sum. */
export function legendre(l: number, u: number): number {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
  let sum = 0
  for (let k = 0; k <= l; k++) sum += choose(l, k) ** 2 * ((u - 1) / 2) ** (l - k) * ((u + 1) / 2) ** k
  return sum
}
