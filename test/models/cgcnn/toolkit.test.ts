// A CGCNN through the whole toolkit: trained from the command line, exported, verified by the graph in float64, run.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { exportCrystalModel } from '../../../exporters/crystal/export.ts'
import { goldenStructures } from '../../../exporters/crystal/golden.ts'
import { verifyModel } from '../../../exporters/crystal/verify.ts'
import { load } from '../../../runtimes/node/load.ts'
import { readRun, type TrainedRun } from '../../../src/training/read-run.ts'
import { cli, type Ran, temporaryFolder } from '../../cli/run.ts'

const folder = temporaryFolder()
const data = join(folder, 'ionic.jsonl')
const run = join(folder, 'run')
const CONFIG = { num_layers: 2, model_dim: 16, embedding_dim: [16], num_gaussians: 16, radius: 5 }
const HERE = { device: 'cpu', threads: 1, worker: false } as const
const golden = goldenStructures().slice(1, 3)

let trained: Ran
let source: TrainedRun

beforeAll(async () => {
  expect((await cli('data', 'generate', '-o', data, '--count', '40')).code).toBe(0)
  writeFileSync(join(folder, 'small.json'), JSON.stringify(CONFIG))
  trained = await cli(
    ...['train', data, '--target', 'lattice_energy', '--unit', 'eV/atom', '--model', 'cgcnn', '-o', run],
    ...['--config', join(folder, 'small.json'), '--epochs', '16', '--swa-epochs', '2', '--batch-size', '4'],
    ...['--threads', '2', '--json'],
  )
  expect(trained.stderr).not.toMatch(/^error/m)
  expect(trained.code).toBe(0)
  source = await readRun(run)
}, 300_000)

it('learns', () => {
  const errors = trained.lines.slice(0, -1).map(({ val_mae }) => val_mae[0])
  expect(errors).toHaveLength(16)
  expect(errors.at(-1)).toBeLessThan(0.65 * errors[0])
  expect(source.config).toMatchObject({ architecture: 'cgcnn', ...CONFIG, num_targets: 1 })
})

it('exports a file that the graph in float64 and every check agree with, and that embeds', async () => {
  const { bytes, card, report } = await exportCrystalModel({ ...source, golden, outputs: ['embedding'] })
  expect(card.geometry).toEqual({ images: { kind: 'sphere', radius: 5 }, symmetry: 'all' })
  expect(report.golden.max_rel).toBeLessThan(1e-5)
  const verified = await verifyModel(bytes, { devices: ['cpu'] })
  expect(verified.pass).toBe(true)
  expect(new Set(verified.rows.map(({ device }) => device))).toEqual(
    new Set(['float64-graph', 'tfjs', 'cpu']),
  )
  expect(verified.passedOver).toEqual([
    { device: 'float64', reason: expect.stringMatching(/a CGCNN has no float64 program of its own/) },
    { device: 'fused', reason: 'the fused engine does not compute a CGCNN' },
  ])
  const model = await load(bytes, HERE)
  try {
    const { value } = await model.predict(golden[0])
    expect(value).toBeCloseTo(card.golden[0].value[0], 4)
    expect(await model.embed(golden[0])).toHaveLength(16)
  } finally {
    await model.dispose()
  }
}, 120_000)

it('makes its images in the graph, too, and gives in float16 what it gives in float32', async () => {
  const tables = await exportCrystalModel({ ...source, golden })
  const inGraph = await exportCrystalModel({ ...source, golden, inGraph: true })
  const half = await exportCrystalModel({ ...source, golden, precision: 'float16' })
  for (const [n, { value }] of tables.card.golden.entries()) {
    expect(inGraph.card.golden[n].value[0]).toBeCloseTo(value[0], 5)
    expect(half.card.golden[n].value[0]).toBeCloseTo(value[0], 1)
  }
}, 120_000)

it('says what it does not have', async () => {
  const refused = (options: object) => expect(exportCrystalModel({ ...source, golden, ...options })).rejects
  await refused({ outputs: ['attention'] }).toThrow(/a CGCNN does not attend/)
  await refused({ mode: 'published' }).toThrow(/no box of published code/)
  const [weights, preset] = await Promise.all([
    cli('export', run, '-o', join(folder, 'w.safetensors'), '--to', 'state_dict', '--json'),
    cli(
      'train',
      data,
      '--target',
      'lattice_energy',
      '--model',
      'cgcnn',
      '--preset',
      'mp',
      '--dry-run',
      '--json',
    ),
  ])
  expect([weights.code, weights.lines[0].error.message]).toEqual([1, expect.stringMatching(/loads a CGCNN/)])
  expect([preset.code, preset.lines[0].error.message]).toEqual([
    1,
    'there is no preset mp of CGCNN; expected one of quick',
  ])
}, 120_000)
