// The factors of the angular basis against the Gaussians that they stand for, in float64, and the encoding made of them
// against plain sums.

import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CrystalframerConfig, modelConfig } from '../../models/attention/config.ts'
import { angularEncoding } from '../../models/crystalframer/angular.ts'
import { angularFactors, angularGrid } from '../../models/crystalframer/angular-grid.ts'

/** Of a Gaussian, in float64: what the grids are chosen for. */
const SPAN = 3e-7
/** Exponents of up to 70 in float32, and what is cut of small weights. */
const F32 = 4e-6

const GRIDS = [
  { value_pe_angle_real: 64, value_pe_angle_wscale: 4 },
  { value_pe_angle_real: 64, value_pe_angle_wscale: 4, cos_abs: 1 },
  { value_pe_angle_real: 64, value_pe_angle_wscale: 8 },
  { value_pe_angle_real: 64, value_pe_angle_wscale: 1 },
  { value_pe_angle_real: 64, value_pe_angle_wscale: 0.5 },
  { value_pe_angle_real: 61, value_pe_angle_wscale: 2.5 },
  { value_pe_angle_real: 32, value_pe_angle_wscale: 1, cos_abs: 1 },
  { value_pe_angle_real: 16, value_pe_angle_wscale: 1 },
  { value_pe_angle_real: 2, value_pe_angle_wscale: 1 },
] as const

const configs = GRIDS.map(
  (grid) => modelConfig({ architecture: 'crystalframer', ...grid }) as CrystalframerConfig,
)

beforeAll(async () => {
  await tf.setBackend('wasm')
})

describe.each(GRIDS.map((grid, n) => [JSON.stringify(grid), configs[n]] as const))('%s', (_, config) => {
  const { width, centres, middle } = angularGrid(config)
  const from = config.cos_abs ? 0 : -1

  it('spans its Gaussians', () => {
    const { coarse, fine, bin, lift, table } = angularFactors(config)
    let worst = 0
    for (let u = from; u <= 1; u += 0.0037) {
      const x = (u - middle) / width
      const cells = coarse.flatMap((c) => {
        const origin = bin === undefined ? 0 : c
        const isIn = bin === undefined || Math.abs(x - c) <= bin / 2
        const factor = Math.exp(lift - (x - origin) ** 2 / 2 + (bin === undefined ? x * c : 0))
        return fine.map((f) => (isIn ? factor * Math.exp((x - origin) * f) : 0))
      })
      for (const [t, centre] of centres.entries()) {
        const spanned = table[t].reduce((sum, weight, n) => sum + weight * cells[n], 0)
        worst = Math.max(worst, Math.abs(spanned - Math.exp(-((u - centre) ** 2) / (2 * width ** 2))))
      }
    }
    expect(worst).toBeLessThan(SPAN)
  })

  it('encodes like plain sums', () => {
    const images = 40
    const heads = 2
    const dk = 3
    const count = centres.length
    const noise = (n: number) => Math.sin(12.9898 * n + 4.1) * Math.cos(78.233 * n)
    const unit = Array.from({ length: images }, (_, n) => direction(noise(3 * n), 7 * noise(5 * n + 1)))
    const axes = Array.from({ length: heads * 3 }, (_, n) => direction(noise(n + 500), 9 * noise(n + 600)))
    const raw = Array.from({ length: heads * images }, (_, n) => Math.exp(12 * noise(n + 700)))
    const share = raw.map((x, n) => {
      const first = Math.floor(n / images) * images
      return x / raw.slice(first, first + images).reduce((sum, y) => sum + y, 0)
    })
    const counts = unit.map((_, n) => (n % 7 === 3 ? 0 : 1))
    const weights = Array.from({ length: 3 }, (_, m) =>
      Float32Array.from({ length: heads * dk * count }, (_, n) => noise(n + 1000 * (m + 1))),
    )

    const found = tf.tidy(() => {
      const row = (x: number[]) => tf.tensor3d(x, [1, 1, images])
      const directions = { unit: byComponent(unit), other: row(counts) }
      const projections = weights.map((w) => tf.tensor4d(w, [1, heads, dk, count]))
      const frames = tf.tensor4d(axes.flat(), [1, heads, 3, 3])
      const P = tf.tensor3d(share, [1, heads, images])
      return angularEncoding([frames], P, projections, directions, config, false).dataSync()
    })
    for (let h = 0; h < heads; h++) {
      for (let c = 0; c < dk; c++) {
        let expected = 0
        for (let m = 0; m < 3; m++) {
          for (let n = 0; n < images; n++) {
            const cosine = unit[n].reduce((sum, x, k) => sum + x * axes[3 * h + m][k], 0)
            const u = config.cos_abs ? Math.abs(cosine) : cosine
            for (const [t, centre] of centres.entries()) {
              const gaussian = Math.exp(-((u - centre) ** 2) / (2 * width ** 2))
              expected += counts[n] * share[h * images + n] * weights[m][(h * dk + c) * count + t] * gaussian
            }
          }
        }
        expect(Math.abs(found[h * dk + c] - expected)).toBeLessThan(F32 * Math.sqrt(count))
      }
    }
  })
})

/** [1, 3, F] */
function byComponent(vectors: readonly (readonly number[])[]): tf.Tensor3D {
  const rows = [0, 1, 2].map((c) => vectors.map((vector) => vector[c]))
  return tf.tensor3d([rows])
}

/** A unit vector. */
function direction(z: number, azimuth: number): [number, number, number] {
  const across = Math.sqrt(1 - z * z)
  return [across * Math.cos(azimuth), across * Math.sin(azimuth), z]
}
