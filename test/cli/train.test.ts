// `train` as a command: one that can be repeated, what is left of a run that cannot go on, and what becomes of the run in
// `export` and `evaluate`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { cli, type Ran, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const data = join(folder, 'ionic.jsonl')
const run = join(folder, 'run')
/** Hyper-parameters that shapes of tensors do not show. */
const CONFIG = {
  ...{ num_layers: 1, model_dim: 16, head_num: 2, ff_dim: 16, embedding_dim: [16], value_pe_dist_real: 8 },
  ...{ scale_real: [1.6], gauss_lb_real: 0.45, value_pe_width_scale: 2 },
}
const train = (...args: string[]) =>
  cli('train', data, '--target', 'lattice_energy', '--unit', 'eV/atom', '--threads', '2', ...args)
const COMMAND = ['--config', join(folder, 'odd.json'), '--epochs', '2', '--swa-epochs', '1', '--resume']
let first: Ran

beforeAll(async () => {
  expect((await cli('data', 'generate', '-o', data, '--count', '40')).code).toBe(0)
  // A third of the labels is missing.
  const lines = readFileSync(data, 'utf8').trim().split('\n')
  const some = lines.map((line, n) => (n % 3 ? line : line.replace(/"lattice_energy":[^}]*/, '')))
  writeFileSync(data, some.join('\n'))
  writeFileSync(join(folder, 'odd.json'), JSON.stringify(CONFIG))
  first = await train(...COMMAND, '-o', run, '--json')
}, 60_000)

it('--resume starts where there is nothing, and says at the end what it left, with the errors', async () => {
  expect([first.code, first.lines.length]).toEqual([0, 3])
  expect(first.lines.slice(0, 2).map(({ epoch }) => epoch)).toEqual([1, 2])
  const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8'))
  expect(first.lines[2]).toMatchObject({
    ...{ run, weights: evaluation.weights, epochs: 2, trained: true },
    val: { n: evaluation.val.n, targets: evaluation.val.targets },
    test: { n: evaluation.test.n, targets: evaluation.test.targets },
  })
  expect(first.stderr).toMatch(/14 of 40 crystals have no lattice_energy and are left out/)

  const files = () =>
    ['config.json', 'weights.safetensors', 'evaluation.json'].map((name) => readFileSync(join(run, name)))
  const before = files()
  const again = await train(...COMMAND, '-o', run, '--json')
  expect([again.code, again.lines]).toEqual([0, [{ ...first.lines[2], trained: false }]])
  expect(files()).toEqual(before)
  const anew = await train('-o', run)
  expect([anew.code, anew.stderr]).toEqual([1, expect.stringMatching(/holds a run already; resume it/)])
}, 60_000)

it('--resume refuses a preset that the run was not started with, and takes its own', async () => {
  // One after the other: a folder is locked.
  const other = await train('-o', run, '--resume', '--preset', 'mp')
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringMatching(/is .*, the run in .* was started with/),
  ])
  const own = await train(...COMMAND, '-o', run, '--preset', 'quick', '--transform', 'none')
  expect(own.code).toBe(0)
}, 60_000)

it('weights.safetensors alone is exported as its folder is', async () => {
  const weights = join(run, 'weights.safetensors')
  const one = join(folder, 'one.jsonl')
  writeFileSync(one, `${readFileSync(data, 'utf8').split('\n')[1]}\n`)
  const models = [run, weights].map((_, n) => join(folder, `${n}.onnx`))
  const exported = await Promise.all([
    cli('export', run, '-o', models[0]),
    cli('export', weights, '-o', models[1], '--unit', 'eV/atom', '--config', join(folder, 'odd.json')),
  ])
  expect(exported.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const [a, b] = await Promise.all(models.map((model) => cli('predict', one, '-m', model, '--json')))
  expect(a.lines[0]).toMatchObject({ property: 'lattice_energy', unit: 'eV/atom' })
  expect({ ...b.lines[0], ms: 0 }).toEqual({ ...a.lines[0], ms: 0 })

  writeFileSync(join(folder, 'other.json'), JSON.stringify({ scale_real: [1.4] }))
  const refused = await Promise.all([
    cli('export', weights, '-o', join(folder, 'x.onnx'), '--mean', '-3'),
    cli('export', weights, '-o', join(folder, 'x.onnx'), '--config', join(folder, 'other.json')),
  ])
  expect(refused.map(({ code, stderr }) => [code, stderr])).toEqual([
    [1, expect.stringMatching(/--mean -3: .* says -\d.* itself; leave it out/)],
    [1, expect.stringMatching(/--config, scale_real \[1\.4\]: .* says \[1\.6\] itself/)],
  ])

  // What a model does not predict is not compared with it, whatever the data holds; another name is given as such.
  const gaps = join(folder, 'gaps.jsonl')
  writeFileSync(gaps, readFileSync(data, 'utf8').replaceAll('lattice_energy', 'band_gap'))
  const [wrong, meant] = await Promise.all([
    cli('evaluate', models[0], gaps, '--target', 'band_gap'),
    cli('evaluate', models[0], gaps, '--data-target', 'band_gap', '--split', 'test', '--json'),
  ])
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/does not predict band_gap, but lattice_energy; .* say --data-target band_gap/),
  ])
  const [{ mae, n, target, unit }] = meant.lines
  const known = first.lines[2].test
  expect([n, target, unit]).toEqual([known.n, 'lattice_energy', 'eV/atom'])
  expect(Math.abs(mae / known.targets[0].mae - 1)).toBeLessThan(1e-4)
  expect(meant.stderr).toMatch(/crystals have no band_gap and are left out/)
}, 120_000)

it('fails when the training diverges, with a rate to try', async () => {
  const options = [...COMMAND.slice(0, 2), '--epochs', '4', '--swa-epochs', '0', '--learning-rate', '1000']
  const { code, stderr, stdout } = await train('-o', join(folder, 'lost'), ...options)
  expect(code).toBe(1)
  expect(stderr).toMatch(/the training diverged; train anew with a learning_rate of 0\.003/)
  expect(stdout).toBe('')
}, 60_000)

it('--sweep says what it would train, refuses what it cannot, and --transform what has no logarithm', async () => {
  const grid = join(folder, 'grid.json')
  writeFileSync(grid, JSON.stringify({ learning_rate: [0.01, 0.02], num_layers: [1] }))
  const [plan, both, negative] = await Promise.all([
    train('--sweep', grid, '--dry-run', '--json', '--backend', 'wasm'),
    train('--sweep', grid, '--ensemble', '2'),
    train(...COMMAND.slice(0, 2), '--transform', 'log10', '-o', join(folder, 'log')),
  ])
  expect(plan.lines.map(({ point }) => point)).toEqual([
    'learning_rate=0.01,num_layers=1',
    'learning_rate=0.02,num_layers=1',
  ])
  expect([both.code, both.stderr]).toEqual([
    2,
    expect.stringMatching(/--sweep.*cannot be used with.*--ensemble/),
  ])
  // Lattice energies are negative.
  expect([negative.code, negative.stderr]).toEqual([
    1,
    expect.stringMatching(/log10 of lattice_energy: \d+ crystals have no positive value \("/),
  ])
}, 60_000)

it('--from a model file starts from its weights, whatever their bits, and --keep-head from its last layer, too', async () => {
  const file = join(folder, 'from.onnx')
  const rounded = await cli('export', run, '-o', file, '--precision', 'float16')
  expect(rounded.code, rounded.stderr).toBe(0)
  const schedule = ['--from', file, '--epochs', '2', '--swa-epochs', '0']
  const fresh = await train(...schedule, '-o', join(folder, 'fresh'), '--json')
  const kept = await train(...schedule, '-o', join(folder, 'kept'), '--json', '--keep-head')
  expect([fresh.code, kept.code]).toEqual([0, 0])
  expect(kept.lines[0].loss).not.toBe(fresh.lines[0].loss)
  const config = (name: string) => JSON.parse(readFileSync(join(folder, name, 'config.json'), 'utf8'))
  expect(config('kept').model).toEqual(JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')).model)

  const other = await cli(
    'train',
    data,
    '--target',
    'volume',
    '--from',
    file,
    '--keep-head',
    '-o',
    join(folder, 'no'),
  )
  expect(other.code).toBe(1)
  const alone = await train('--keep-head', '-o', join(folder, 'alone'))
  expect([alone.code, alone.stderr]).toEqual([
    2,
    expect.stringMatching(/--keep-head is for a network to start from/),
  ])
  writeFileSync(join(folder, 'cut.onnx'), readFileSync(file).subarray(0, -100))
  const cut = await train('--from', join(folder, 'cut.onnx'), '-o', join(folder, 'cut'))
  expect([cut.code, cut.stderr]).toEqual([1, expect.stringMatching(/cut\.onnx/)])
}, 120_000)

// The run is of no use after this.
it('ends with the reason when a run cannot be resumed, its threads with it', async () => {
  writeFileSync(join(run, 'checkpoint/state.json'), '{}')
  const { code, stderr } = await train('-o', run, '--resume')
  expect(code).toBe(1)
  expect(stderr).toMatch(/state\.json is no checkpoint of this version; start the run anew/)
}, 60_000)
