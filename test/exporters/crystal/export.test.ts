// What an exported file holds and what is refused: card, weights, options, truncation, a graph that disagrees.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { calibrate } from '../../../exporters/crystal/calibrate.ts'
import type { CrystalExportResult } from '../../../exporters/crystal/exported-file.ts'
import { goldenStructures as builtIn } from '../../../exporters/crystal/golden.ts'
import { readMetadata } from '../../../runtimes/metadata.ts'
import { readModelFile } from '../../../runtimes/model-file.ts'
import { storedWeights } from '../../../runtimes/stored-weights.ts'
import { ConfigError, ExportError, ModelFileError, WeightsError } from '../../../src/errors.ts'
import { writeWhole } from '../../../src/files.ts'
import { goldenWeights } from '../../golden/goldens.ts'
import { exportCase, TARGET, TINY } from './exported.ts'

const weights = goldenWeights(TINY.weights, TINY.config)
let converged: CrystalExportResult

beforeAll(async () => {
  converged = await exportCase({ ...TINY, mode: 'converged' }, { golden: undefined })
})

describe('the file', () => {
  it('carries a card that says how to use it', () => {
    const { card, inputs, metadata } = readModelFile(converged.bytes)
    expect(card).toEqual(converged.card)
    expect(card).toMatchObject({
      architecture: 'crystalformer',
      mode: 'converged',
      error_bound: 1e-5,
      // 1e-5 of float32, and the bound for each of two blocks
      tolerance: 3e-5,
    })
    expect(card.targets).toEqual([TARGET])
    expect(card.elements).toHaveLength(98)
    expect(card.weights_sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(card.golden.map(({ frac }) => frac.length)).toEqual([2, 1, 2, 2, 5, 6, 9, 20])
    expect(converged.report.cutoff).toBeCloseTo(10.08, 2)
    expect(inputs).toEqual([
      'species',
      'occupancy',
      'pair',
      'pair_start',
      'pair_end',
      'translation',
      'image_mask',
      'pool',
    ])
    expect(metadata.outputs).toEqual([{ name: 'prediction', type: 1, shape: ['C', 1] }])
    expect([...metadata.opsets]).toEqual([['', 17]])
    expect(metadata.nodes).toBe(converged.report.nodes)
  })

  it('has only the inputs that the architecture reads', async () => {
    const reciprocal = { ...TINY.config, domain: 'reci' }
    const { bytes } = await exportCase(
      { ...TINY, config: reciprocal },
      { weights: goldenWeights(TINY.weights, reciprocal) },
    )
    const inputs = ['species', 'occupancy', 'partner', 'partner_mask', 'wave_cosine', 'wave_norm2', 'pool']
    expect(readModelFile(bytes).inputs).toEqual(inputs)
    const published = await exportCase(TINY)
    expect(readModelFile(published.bytes).inputs).toContain('image_reach')
    expect(published.report.cutoff).toBeCloseTo(3.5 * 1.4 * Math.SQRT2, 6)
  })

  it('holds the weights it was made from, bit by bit', () => {
    const stored = storedWeights(converged.bytes)
    expect([...stored.keys()]).toEqual([...weights.keys()])
    for (const [name, { shape, data }] of weights) {
      expect(stored.get(name)!.shape, name).toEqual(shape)
      expect(new Uint32Array(stored.get(name)!.data.buffer), name).toEqual(
        new Uint32Array(data.slice().buffer),
      )
    }
  })

  it('passes onnx.checker', ({ skip }) => {
    const python = ['/usr/bin/python3', 'python3'].find((program) => {
      try {
        execFileSync(program, ['-c', 'import onnx'], { stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    })
    if (!python) return skip('python3 has no onnx package')
    const path = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-')), 'm.onnx')
    return writeWhole(path, converged.bytes).then(() => {
      const program =
        'import onnx, sys; m = onnx.load(sys.argv[1]); onnx.checker.check_model(m, full_check=True); print(len(m.graph.node), m.ir_version, [p.key for p in m.metadata_props])'
      const printed = execFileSync(python, ['-c', program, path], { encoding: 'utf8' })
      expect(printed.trim()).toBe(
        `${converged.report.nodes} 8 ['crystal-onnx.weights', 'crystal-onnx.card', 'crystal-onnx.seal']`,
      )
    })
  })

  it('is refused when cut anywhere', () => {
    const { bytes } = converged
    const lengths = [0, 1, 7, 100, 1000, bytes.length >> 1, bytes.length - 6000, bytes.length - 1]
    for (let n = 0; n < 200; n++) lengths.push(Math.floor((bytes.length * n) / 200))
    for (const length of lengths) {
      expect(() => readModelFile(bytes.subarray(0, length), 'cut.onnx'), `${length}`).toThrow(ModelFileError)
    }
  })

  it('appears whole or not at all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-'))
    await writeWhole(join(folder, 'm.onnx'), converged.bytes)
    expect(readdirSync(folder)).toEqual(['m.onnx'])
    expect(readMetadata(readFileSync(join(folder, 'm.onnx'))).nodes).toBe(converged.report.nodes)
    await expect(writeWhole(join(folder, 'missing', 'm.onnx'), converged.bytes)).rejects.toThrow(
      /folder does not exist/,
    )
    expect(readdirSync(folder)).toEqual(['m.onnx'])
  })
})

describe('refused', () => {
  it('weights that do not fit, and weights that were never trained', async () => {
    const lacking = new Map(weights)
    lacking.delete('mlp.0.bias')
    await expect(exportCase(TINY, { weights: lacking })).rejects.toThrow(WeightsError)
    const untrained = goldenWeights('crystalformer_tiny_init', TINY.config)
    await expect(exportCase(TINY, { weights: untrained })).rejects.toThrow(/never trained/)
  })

  it('targets that are not those of the head', async () => {
    await expect(exportCase(TINY, { targets: [TARGET, TARGET] })).rejects.toThrow(ConfigError)
    await expect(exportCase(TINY, { targets: [{ ...TARGET, std: 0 }] })).rejects.toThrow(/positive std/)
  })

  it('a radius in published mode, and one outside its range', async () => {
    await expect(exportCase(TINY, { geometry: { radius: 8 } })).rejects.toThrow(ConfigError)
    await expect(exportCase({ ...TINY, mode: 'converged' }, { geometry: { radius: 0 } })).rejects.toThrow(
      ConfigError,
    )
  })

  it('a radius so small that the file disagrees with the mathematics', async () => {
    const rough = exportCase({ ...TINY, mode: 'converged' }, { geometry: { radius: 2.2 }, golden: undefined })
    await expect(rough).rejects.toThrow(ExportError)
    await expect(rough).rejects.toThrow(/golden sample .* choose a larger one/)
  })
})

describe('calibrate', () => {
  it('finds a radius that is smaller and as exact', async () => {
    const found: number[] = []
    const calibration = await calibrate(weights, TINY.config, builtIn(), {
      onProgress: (done) => found.push(done),
    })
    expect(found.at(-1)).toBe(8)
    expect(calibration.crystals).toBe(8)
    expect(calibration.observedRho).toBeGreaterThan(TINY.config.gauss_lb_real)
    expect(calibration.smallestRho).toBeLessThan(calibration.observedRho)
    const { card, report } = await exportCase(
      { ...TINY, mode: 'converged' },
      { calibration, golden: undefined },
    )
    expect(report.cutoff).toBeLessThanOrEqual(converged.report.cutoff!)
    expect(report.golden.max_rel).toBeLessThan(1e-5)
    expect(card.calibration).toEqual({
      crystals: 8,
      observed_rho: calibration.observedRho,
      smallest_rho: calibration.smallestRho,
    })
  })

  it('needs crystals, and heads in real space', async () => {
    await expect(calibrate(weights, TINY.config, [])).rejects.toThrow(/no crystals/)
    const reciprocal = { ...TINY.config, domain: 'reci' }
    await expect(calibrate(goldenWeights(TINY.weights, reciprocal), reciprocal, builtIn())).rejects.toThrow(
      ConfigError,
    )
  })
})
