// Models of a repository of Triton Inference Server from the command line.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, fixture, temporaryFolder } from '../cli/run.ts'

const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const folder = temporaryFolder()
const repository = join(folder, 'repository')

it('export --to triton, of weights and of a finished file', async () => {
  const file = join(folder, 'small.onnx')
  const [cells, plain] = await Promise.all([
    cli('export', weights, '-o', repository, '--to', 'triton', '--name', 'small', '--json'),
    cli('export', weights, '-o', file, '--json'),
  ])
  expect([cells.code, cells.stderr, plain.code]).toEqual([0, '', 0])
  expect(cells.lines).toEqual([
    expect.objectContaining({
      name: 'small',
      layout: 'cells',
      version: 1,
      file: join(repository, 'small/1/model.onnx'),
    }),
  ])
  expect(cells.lines[0].golden.max_rel).toBeLessThan(2e-5)

  const [again, ragged, tables] = await Promise.all([
    cli('export', file, '-o', repository, '--to', 'triton'),
    cli('export', file, '-o', repository, '--to', 'triton', '--name', 'other'),
    cli('export', file, '-o', repository, '--to', 'triton', '--name', 'tables', '--layout', 'tables'),
  ])
  expect(again.code).toBe(1)
  expect(again.stderr).toMatch(/small.config\.pbtxt: is of a model that takes other inputs.*--name/)
  expect([ragged.code, tables.code]).toEqual([0, 0])
  expect(ragged.stdout).toMatch(/version 1 of other, layout ragged, golden samples within .* in batches/)
  expect(readFileSync(join(repository, 'other/config.pbtxt'), 'utf8')).toContain('allow_ragged_batch: true')
  expect(readFileSync(join(repository, 'tables/1/model.onnx'))).toEqual(readFileSync(file))
})

it.each([
  [['--layout', 'ragged'], /--layout is for --to triton/],
  [['--to', 'triton', '--geometry', 'in-graph'], /--geometry follows from --layout/],
  [['--to', 'triton', '--layout', 'loose'], /Allowed choices are cells, ragged, tables/],
])('wrong usage: %s', async (options, message) => {
  const out = join(folder, 'unused')
  const { code, stderr } = await cli('export', weights, '-o', out, ...options)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(existsSync(out)).toBe(false)
})

it('refuses what a finished file cannot be told any more', async () => {
  const { code, stderr } = await cli(
    'export',
    'formation-energy',
    '-o',
    folder,
    '--to',
    'triton',
    '--precision',
    'int8',
  )
  expect([code, stderr]).toEqual([2, expect.stringMatching(/--precision is for a model that is exported/)])
})
