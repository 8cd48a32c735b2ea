// `import` and `export --to state_dict` through real processes: a checkpoint of PyTorch to a model file and back.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../models/safetensors.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { cli, fixture, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const checkpoint = fixture('checkpoints/crystalformer_tiny.ckpt')
const golden = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const TINY = {
  model_dim: 32,
  head_num: 4,
  ff_dim: 64,
  num_layers: 2,
  embedding_dim: [32],
  value_pe_dist_real: 32,
}

describe('import', () => {
  it('makes a model file and says what it is', async () => {
    const file = join(folder, 'e_form.onnx')
    const { code, lines, stderr } = await cli('import', checkpoint, '-o', file, '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      ...{
        file,
        opset: 17,
        architecture: 'crystalformer',
        weights: 'swa',
        averaged: 1234,
        mode: 'converged',
      },
      targets: [{ name: 'e_form', unit: 'eV/atom' }],
      ...{ unknown_keys: [], missing_keys: [] },
    })
    expect(lines[0].bytes).toBe(readFileSync(file).length)
    expect(lines[0].golden.max_rel).toBeLessThan(1e-5)
    // the published box leaves out what the converged sum has: little, and not nothing
    expect(lines[0].mode_difference.samples).toBeGreaterThan(3)
    expect(lines[0].mode_difference.max_abs).toBeGreaterThan(1e-9)
    expect(lines[0].mode_difference.max_abs).toBeLessThan(1e-3)

    const { card } = readModelFile(readFileSync(file), file)
    expect(card).toMatchObject({ training: { data: 'jarvis__megnet' }, mode: 'converged' })
  })

  it('takes hparams.yaml of the run for a bare state_dict, and tells people the difference', async () => {
    const run = join(folder, 'version_0')
    mkdirSync(join(run, 'checkpoints'), { recursive: true })
    const state = join(run, 'checkpoints', 'weights.safetensors')
    copyFileSync(golden, state)
    const yaml = Object.entries({ ...TINY, targets: 'bandgap', surprise: 1 })
    writeFileSync(
      join(run, 'hparams.yaml'),
      yaml.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join(''),
    )
    const file = join(folder, 'bandgap.onnx')
    const options = ['--mode', 'published', '--mean', '1.2', '--std', '1.5']
    const { code, stdout, stderr } = await cli('import', state, '-o', file, ...options)
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /crystalformer of bandgap \(eV\).*\n.*converged sum differs by at most .* eV on \d golden/,
    )
    expect(stderr).toMatch(/not known here: surprise/)
    expect(stderr).toMatch(/does not give, published values taken: .*lattice_range/)
  })

  it('refuses what it cannot use, and writes nothing', async () => {
    const out = join(folder, 'never.onnx')
    const cases: [string[], string, RegExp][] = [
      [[fixture('checkpoints/os-system.ckpt')], 'WEIGHTS', /"(posix|os)\.system", which is not data/],
      [[golden], 'CONFIG', /holds no hyper-parameters/],
      [[join(folder, 'absent.ckpt')], 'NOT_FOUND', /absent\.ckpt/],
    ]
    const outcomes = await Promise.all(cases.map(([args]) => cli('import', ...args, '-o', out, '--json')))
    for (const [n, { code, lines }] of outcomes.entries()) {
      expect(code).toBe(1)
      expect(lines[0].error.code).toBe(cases[n][1])
      expect(lines[0].error.message).toMatch(cases[n][2])
    }
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([])
    expect(existsSync('executed-by-the-reader')).toBe(false)
  })
})

describe('export --to state_dict', () => {
  it('writes what the published code and import read', async () => {
    const config = join(folder, 'tiny.json')
    writeFileSync(config, JSON.stringify(TINY))
    const file = join(folder, 'state.safetensors')
    const scaling = ['--property', 'e_form', '--unit', 'eV/atom', '--mean', '-1.4', '--std', '1.1']
    const args = ['export', golden, '--config', config, '--to', 'state_dict', '-o', file, ...scaling]
    const { code, lines } = await cli(...args, '--json')
    expect(code).toBe(0)
    expect(lines[0]).toEqual({ file, bytes: readFileSync(file).length, tensors: 33 })
    const { tensors } = readSafetensors(readFileSync(file))
    const source = readSafetensors(readFileSync(golden)).tensors
    const scaled = ['swa_model.n_averaged', 'target_std', 'target_mean']
    const names = [...source.keys()].flatMap((name) => [`model.${name}`, `swa_model.module.${name}`])
    expect([...tensors.keys()].sort()).toEqual([...names, ...scaled].sort())

    const refused = await cli(...args, '--cutoff', '7', '--json')
    expect(refused.code).toBe(1)
    expect(refused.lines[0].error.message).toMatch(/cutoff is for a model file/)
  })
})
