// Weighted frames, which exist in float64 alone: max frames where nothing is nearly tied, what a prediction must not depend
// on, and no jump where max frames have one.

import { describe, expect, it } from 'vitest'
import { type CrystalframerConfig, modelConfig } from '../../models/attention/config.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { referenceFrames } from '../../models/reference/frames.ts'
import { weightedFrames } from '../../models/reference/weighted-frames.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { livelyWeights } from './lively.ts'
import { SMALL } from './tensors.ts'

const config = modelConfig({
  ...SMALL,
  architecture: 'crystalframer',
  frame_method: 'max',
  value_pe_angle_coef: 3,
})
const weights = livelyWeights(config, 11)
const DELTA = 0.25
const F64 = 1e-10

/** Two images of the second atom are as far from the first but for twice the move, in surroundings that tell them apart. */
function nearlyTied(move: number): Structure {
  return structure({
    lattice: [
      [3.9, 0, 0],
      [0, 4.6, 0.3],
      [0, -0.4, 5],
    ],
    frac: [
      [0, 0, 0],
      [0.5 + move / 3.9, 0.1, 0.05],
      [0.2, 0.55, 0.5],
    ],
    species: [55, 17, 22],
  })
}

const SKEWED = structure({
  lattice: [
    [3.9, 0, 0],
    [0.4, 4.2, 0],
    [-0.3, 0.5, 4.6],
  ],
  frac: [
    [0.02, 0, 0.01],
    [0.47, 0.55, 0.1],
    [0.2, 0.63, 0.58],
  ],
  species: [3, 8, 22],
})

/** The same axes but for rounding. */
const near = (frame: readonly Vec3[]) => frame.map((axis) => axis.map((x) => expect.closeTo(x, 12)))

const predicted = (crystal: Structure, weighted?: number) =>
  referenceForward(weights, config, crystal, 'converged', { weighted }).value[0]

describe('weighted frames', () => {
  it('are max frames where Δ is small and nothing is tied', () => {
    const { normal, uniform } = random(7)
    for (let n = 0; n < 20; n++) {
      const vectors = Array.from({ length: 30 }, (): Vec3 => [3 * normal(), 3 * normal(), 3 * normal()])
      const images = { vectors, scores: vectors.map(() => uniform()), a: -0.1 }
      const [{ frame }] = referenceFrames(images, SKEWED, config as CrystalframerConfig)
      expect(weightedFrames(images, 1e-9)).toEqual([{ frame: near(frame), share: 1 }])
      // A Δ that lets others in gives others a share, and the best one the largest.
      const several = weightedFrames(images, 1)
      expect(several.length).toBeGreaterThan(1)
      expect(several.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
      const [largest] = several.toSorted((a, b) => b.share - a.share)
      expect(largest.share).toBeLessThan(1)
    }
  })

  it('do not depend on how a crystal is turned, ordered and repeated', () => {
    const { lattice, frac, species } = SKEWED
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    const rotated = structure({
      lattice: lattice.map(([x, y, z]) => [c * x - s * z, y, s * x + c * z]),
      frac: [...frac].reverse(),
      species: [...species].reverse(),
    })
    const doubled = supercell(SKEWED, [
      [2, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
    ])
    const value = predicted(SKEWED, DELTA)
    expect(Math.abs(predicted(rotated, DELTA) - value)).toBeLessThan(F64)
    expect(Math.abs(predicted(doubled, DELTA) - value)).toBeLessThan(F64)
  })

  it('change by as little as the positions where max frames jump', () => {
    const change = (move: number, weighted?: number) =>
      Math.abs(predicted(nearlyTied(move), weighted) - predicted(nearlyTied(-move), weighted)) / move
    // Ten times as much an Å for a tenth of the move: a jump.
    expect(change(1e-3) / change(1e-2)).toBeGreaterThan(9)
    expect(change(1e-3)).toBeGreaterThan(1)
    for (const move of [1e-2, 1e-3, 1e-4, 1e-5])
      expect.soft(change(move, DELTA), `${move} Å`).toBeLessThan(0.05)
  })
})
