// Files with weights in fewer bits: what they hold, what they predict, and when they are refused.

import { describe, expect, it } from 'vitest'
import { openInNode } from '../../exporters/crystal/export.ts'
import { LIMITS, passCrystalGate, roundedWeights } from '../../exporters/crystal/precision.ts'
import { verifyModel } from '../../exporters/crystal/verify.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import type { WeightTensor } from '../../models/safetensors.ts'
import { storedWeights } from '../../runtimes/stored-weights.ts'
import { ConfigError, ExportError } from '../../src/errors.ts'
import { exportCase, loadHere, TARGET, TINY } from '../exporters/crystal/exported.ts'
import { goldenStructures, goldenWeights } from '../golden/goldens.ts'

/** What float32 reaches against float64, with the weights in the file. */
const F32 = 1e-5

const converged = { ...TINY, mode: 'converged' } as const
const weights = goldenWeights(TINY.weights, TINY.config)
const crystals = ['NaCl_conv', 'TiO2_skewed_rattled', 'CsPbI3_like_20'].map(
  (name) => goldenStructures().get(name)!,
)
const plain = await exportCase(converged)

describe.each(['float16', 'int8'] as const)('%s', (precision) => {
  it('makes a smaller file of rounded weights, and measures what that does', async () => {
    const { bytes, card, report } = await exportCase(converged, { precision, gate: crystals })
    expect(bytes.length).toBeLessThan(plain.bytes.length)
    const rounded = roundedWeights(weights, precision)
    const stored = storedWeights(bytes)
    for (const [name, { data }] of rounded) expect(stored.get(name)!.data, name).toEqual(data)

    expect(report.golden.max_rel).toBeLessThan(F32)
    expect(card.precision).toMatchObject({ weights: precision, limit: LIMITS[precision] })
    expect(card.precision!.original_sha256).toBe(plain.card.weights_sha256)
    expect(card.precision!.gate).toMatchObject({ crystals: 3 })
    for (const [n, { value, original }] of card.golden.entries()) {
      expect(original).toEqual(plain.card.golden[n].value)
      expect(Math.abs(value[0] - original![0]) / TARGET.std).toBeLessThanOrEqual(card.precision!.golden_error)
      expect(value).not.toEqual(original)
    }

    const model = await loadHere(bytes)
    let mean = 0
    for (const crystal of crystals) {
      const { value } = referenceForward(weights, TINY.config, crystal, 'converged')
      const exact = value[0] * TARGET.std + TARGET.mean
      const error = Math.abs((await model.predict(crystal)).value - exact) / TARGET.std
      expect(error, crystal.name).toBeLessThan(LIMITS[precision])
      mean += error / crystals.length
    }
    await model.dispose()
    expect(card.precision!.gate!.mean_error).toBeCloseTo(mean, 6)
  })
})

it('verifies by the weights in the file, also with the geometry in the graph', async () => {
  const { bytes } = await exportCase(converged, { precision: 'int8', inGraph: true })
  const { pass } = await verifyModel(bytes, { structures: [crystals[0]] })
  expect(pass).toBe(true)
})

describe('refused', () => {
  /** A column of linear2 that no hidden unit ever reaches, and that leaves no grid for the rest of its row. */
  function coarse(): Map<string, WeightTensor> {
    const changed = new Map(weights)
    const edit = (name: string, change: (data: Float32Array) => void) => {
      const { shape, data } = weights.get(`encoder.layers.0.${name}`)!
      const copy = data.slice()
      change(copy)
      changed.set(`encoder.layers.0.${name}`, { shape, data: copy })
    }
    edit('linear1.bias', (bias) => {
      bias[5] = -1e6
    })
    edit('linear2.weight', (matrix) => {
      for (let row = 0; row < 32; row++) matrix[row * 64 + 5] = 1000
    })
    return changed
  }

  it('weights that eight bits distort, with the numbers and what to do', async () => {
    const attempt = exportCase(converged, { weights: coarse(), precision: 'int8' })
    await expect(attempt).rejects.toThrow(ExportError)
    await expect(attempt).rejects.toThrow(
      /int8 weights are refused: .* golden sample ".*" from -1\.\d+ to -1\.\d+ eV\/atom, .* % .* allowed are 1\.0 %; use float16/,
    )
    const { card } = await exportCase(converged, { weights: coarse(), precision: 'float16' })
    expect(card.precision!.golden_error).toBeLessThan(LIMITS.float16)
  })

  it('predictions of given crystals that move too far, and a gate without any', async () => {
    const other = await exportCase(converged, { targets: [{ ...TARGET, mean: 0 }] })
    const files = { original: plain.bytes, rounded: other.bytes }
    await expect(passCrystalGate('int8', files, crystals, openInNode)).rejects.toThrow(
      /predictions of 3 crystals .* in the mean/,
    )
    await expect(passCrystalGate('int8', files, [], openInNode)).rejects.toThrow(/no crystals/)
  })

  it('a gate for weights with all their bits', async () => {
    await expect(exportCase(converged, { gate: crystals })).rejects.toThrow(ConfigError)
  })
})
