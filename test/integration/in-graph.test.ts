// Files whose graph makes the images itself: the same numbers as files that take neighbour tables, through this toolkit
// and through onnxruntime alone by the rule of docs/export.md, in JavaScript and in Python.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CrystalExportResult } from '../../exporters/crystal/exported-file.ts'
import { verifyModel } from '../../exporters/crystal/verify.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { type Card, relativeError } from '../../runtimes/card.ts'
import type { Model } from '../../runtimes/model.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { ConfigError, LimitError, StructureError } from '../../src/errors.ts'
import { exportCase, loadHere, TARGET, TINY } from '../exporters/crystal/exported.ts'
import { FRAMED_CASES, goldenStructures, largestDifference, TINY_CASES } from '../golden/goldens.ts'
import { chain } from '../runtimes/models.ts'

/** Float32 coordinates and sums in another order, through two blocks. */
const F32 = 1e-6
/** Weights are at most 1, embeddings of the order of 1. */
const INNER = 2e-6

const crystals = [...goldenStructures().values()]
const converged = { ...TINY, mode: 'converged' } as const
let file: CrystalExportResult
let graph: Model
let tables: Model

beforeAll(async () => {
  const outputs = ['attention', 'embedding'] as const
  file = await exportCase(converged, { inGraph: true, outputs })
  graph = await loadHere(file.bytes)
  tables = await loadHere((await exportCase(converged, { outputs })).bytes)
})
afterAll(async () => {
  await graph.dispose()
  await tables.dispose()
})

describe('a graph that makes the images itself', () => {
  it('takes the cell and whole-number translations, and says so', () => {
    expect(file.card.geometry).toEqual({
      images: { kind: 'sphere', radius: file.report.cutoff },
      in_graph: true,
    })
    expect(file.report.golden.max_rel).toBeLessThan(F32)
    expect(Object.keys(file.report.operators)).not.toContain('Loop')
  })

  it('predicts as the one with tables does, alone and in batches', async () => {
    const expected = []
    for (const crystal of crystals) {
      expected.push((await tables.predict(crystal)).value)
      const { value } = await graph.predict(crystal)
      expect.soft(relativeError(value, expected.at(-1)!, TARGET.std), crystal.name).toBeLessThan(F32)
    }
    for await (const { index, value } of graph.predictMany(crystals)) {
      expect.soft(relativeError(value!, expected[index], TARGET.std), crystals[index].name).toBeLessThan(F32)
    }
  })

  it('does not care how coordinates are wrapped, and takes left-handed cells', async () => {
    const { lattice, frac, species } = goldenStructures().get('GaN_wurtzite_rattled')!
    const { value } = await graph.predict(structure({ lattice, frac, species }))
    const moved = frac.map(([x, y, z], i) => [x + 3 * i, y - 2, z + 0.5])
    const mirrored = lattice.map(([x, y, z]) => [x, y, -z])
    for (const crystal of [
      structure({ lattice, frac: moved, species }),
      structure({ lattice: mirrored, frac, species }),
    ]) {
      expect(relativeError((await graph.predict(crystal)).value, value, TARGET.std)).toBeLessThan(F32)
    }
  })

  it('gives attention and embedding as the one with tables does', async () => {
    for (const name of ['NaCl_conv', 'GaN_unwrapped', 'TiO2_skewed_rattled', 'MoS2_long_thin']) {
      const crystal = goldenStructures().get(name)!
      const [a, b] = [await graph.attention(crystal), await tables.attention(crystal)]
      expect(a.cell).toEqual(b.cell)
      expect(largestDifference(a.weights, b.weights), name).toBeLessThan(INNER)
      const [e, f] = [await graph.embed(crystal), await tables.embed(crystal)]
      expect(largestDifference(e, f), name).toBeLessThan(INNER)
    }
  })

  it('passes every check', async () => {
    const { pass, rows } = await verifyModel(file.bytes, { structures: [crystals[4]] })
    expect(pass).toBe(true)
    expect(new Set(rows.map(({ device }) => device))).toContain('tfjs')
  })

  it('refuses shared sites and cells that are too much for it, one by one', async () => {
    const { lattice, frac } = chain(2)
    const shared = structure({
      lattice,
      frac,
      species: [
        [
          { element: 11, occupancy: 0.5 },
          { element: 19, occupancy: 0.5 },
        ],
        17,
      ],
    })
    await expect(graph.predict(shared)).rejects.toThrow(StructureError)
    await expect(graph.predict(shared)).rejects.toThrow(/site 1 .*neighbour tables/)
    await expect(graph.predict(chain(600))).rejects.toThrow(LimitError)
    const outcomes = []
    for await (const outcome of graph.predictMany([shared, crystals[0]])) outcomes.push(outcome.error?.code)
    expect(outcomes).toEqual(['STRUCTURE', undefined])
  })
})

describe('frames in the graph', () => {
  it.each(['max', 'max_static', 'weighted_pca'])(
    '%s, against the float64 reference',
    async (frame_method) => {
      const config = modelConfig({
        ...FRAMED_CASES[0].config,
        frame_method,
        ties: 'canonical',
        num_layers: 1,
      })
      const golden = [goldenStructures().get('Si_diamond_rattled')!]
      const { report } = await exportCase(
        { ...FRAMED_CASES[0], config, mode: 'converged' },
        { golden, inGraph: true },
      )
      expect(report.golden.max_rel).toBeLessThan(F32)
    },
  )
})

describe('what a graph does not make itself', () => {
  const refused = (golden: Parameters<typeof exportCase>[0]) =>
    expect(exportCase(golden, { inGraph: true })).rejects

  it('the published box, waves, and frames of the cell', async () => {
    await refused(TINY).toThrow(ConfigError)
    await refused(TINY).toThrow(/converged sum/)
    await refused({ ...TINY_CASES[3], mode: 'converged' }).toThrow(/waves of reciprocal space/)
    await refused({ ...TINY_CASES[2], mode: 'converged' }).toThrow(/in the graph/)
    await refused({ ...FRAMED_CASES[2], mode: 'converged' }).toThrow(/frames of kind lattice/)
  })
})

const lines = ['NaCl_prim', 'TiO2_skewed', 'GaN_unwrapped', 'CsPbI3_like_20'].map(
  (name) => goldenStructures().get(name)!,
)

describe('onnxruntime alone', () => {
  it('predicts two cells of different sizes at once, with padding', async () => {
    const session = await ort.InferenceSession.create(file.bytes)
    const pair = [lines[0], lines[3]]
    const most = 20
    const radius = (file.card.geometry.images as { radius: number }).radius
    // ⌈radius/spacing⌉ is never too few; the spacing of planes is V over the area of the other two vectors.
    const reach = [0, 1, 2].map((m) => Math.max(...pair.map((c) => Math.ceil(radius / spacing(c, m)))))
    const along = (r: number) => Array.from({ length: 2 * r + 1 }, (_, n) => n - r)
    const table = along(reach[0]).flatMap((a) =>
      along(reach[1]).flatMap((b) => along(reach[2]).map((c) => [a, b, c])),
    )
    const padded = <T>(values: readonly T[], nothing: T) => [
      ...values,
      ...Array<T>(most - values.length).fill(nothing),
    ]
    const float = (values: number[], dims: number[]) =>
      new ort.Tensor('float32', Float32Array.from(values), dims)
    const { prediction } = await session.run({
      species: new ort.Tensor('int32', Int32Array.from(pair.flatMap((c) => padded(rows(c, file.card), 0))), [
        2,
        most,
      ]),
      frac: float(
        pair.flatMap((c) => padded(c.frac, [0, 0, 0]).flat()),
        [2, most, 3],
      ),
      lattice: float(
        pair.flatMap((c) => c.lattice.flat()),
        [2, 3, 3],
      ),
      atom_mask: float(
        pair.flatMap((c) =>
          padded(
            c.frac.map(() => 1),
            0,
          ),
        ),
        [2, most],
      ),
      translations: float(table.flat(), [table.length, 3]),
    })
    expect(prediction.dims).toEqual([2, 1])
    for (const [c, crystal] of pair.entries()) {
      const { value } = await tables.predict(crystal)
      expect(relativeError((prediction.data as Float32Array)[c], value, TARGET.std)).toBeLessThan(F32)
    }
    await session.release()
  })

  it('predicts from Python', async ({ skip }) => {
    const python = ['python3', process.env.CRYSTAL_ONNX_PYTHON ?? '/usr/bin/python3'].find((program) => {
      try {
        execFileSync(program, ['-c', 'import onnxruntime, numpy'], { stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    })
    if (!python) return skip('python3 has no onnxruntime (CRYSTAL_ONNX_PYTHON names another interpreter)')
    const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-'))
    const [model, data] = [join(folder, 'm.onnx'), join(folder, 'crystals.jsonl')]
    writeFileSync(model, file.bytes)
    const json = ({ lattice, frac, species }: Structure) =>
      JSON.stringify({ lattice, frac, numbers: species.map(([{ element }]) => element) })
    writeFileSync(data, lines.map(json).join('\n'))
    const printed = execFileSync(python, ['examples/python/predict.py', model, data], { encoding: 'utf8' })
    for (const [n, text] of printed.trim().split('\n').entries()) {
      const { value } = await tables.predict(lines[n])
      expect(relativeError(Number(text), value, TARGET.std)).toBeLessThan(F32)
    }
  })
})

function rows({ species }: Structure, { elements }: Card): number[] {
  return species.map(([{ element }]) => elements.indexOf(element))
}

function spacing({ lattice }: Structure, m: number): number {
  const [a, b, c] = [0, 1, 2].map((k) => lattice[(m + k) % 3])
  const normal = [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]]
  return Math.abs(a.reduce((sum, x, n) => sum + x * normal[n], 0)) / Math.hypot(...normal)
}
