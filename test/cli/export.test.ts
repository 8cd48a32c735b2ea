// Variants of a model file from the command line: made, described, and used like any other.

import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, example, fixture, temporaryFolder } from './run.ts'

const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const folder = temporaryFolder()

it('export --geometry in-graph --precision int8 --gate', async () => {
  const [file, plain] = ['variant.onnx', 'plain.onnx'].map((name) => join(folder, name))
  const data = fixture('../data/ionic/golden/crystals.jsonl')
  const [exported] = await Promise.all([
    cli(
      ...['export', weights, '-o', file, '--geometry', 'in-graph', '--precision', 'int8', '--gate', data],
      '--json',
    ),
    cli('export', weights, '-o', plain),
  ])
  expect([exported.code, exported.stderr]).toEqual([0, ''])
  expect(exported.lines).toHaveLength(1)
  expect(exported.lines[0].precision).toMatchObject({ weights: 'int8', limit: 0.01 })
  expect(exported.lines[0].precision.gate.crystals).toBeGreaterThan(0)

  const [inspected, found, expected] = await Promise.all([
    cli('inspect', file),
    ...[file, plain].map((model) => cli('predict', example('NaCl.cif'), '-m', model, '--json')),
  ])
  expect(inspected.stdout).toMatch(/cells and a table of translations/)
  expect(inspected.stdout).toMatch(/int8; golden samples moved by/)
  expect(found.code).toBe(0)
  // Without a scaling of targets, a prediction is in standard deviations.
  expect(Math.abs(found.lines[0].value[0] - expected.lines[0].value[0])).toBeLessThan(0.01)
}, 120_000)

it('export --external-data', async () => {
  const [apart, plain] = ['apart.onnx', 'whole.onnx'].map((name) => join(folder, name))
  const [exported] = await Promise.all([
    cli('export', weights, '-o', apart, '--external-data', '--json'),
    cli('export', weights, '-o', plain),
  ])
  expect([exported.code, exported.stderr]).toEqual([0, ''])
  expect(exported.lines[0].external.file).toBe('apart.onnx.data')
  const sizes = [apart, `${apart}.data`, plain].map((path) => statSync(path).size)
  expect(sizes[1]).toBe(exported.lines[0].external.bytes)
  expect(sizes[0]).toBeLessThan(sizes[2])
  const [verified, ...found] = await Promise.all([
    cli('verify', apart),
    ...[apart, plain].map((model) => cli('predict', example('NaCl.cif'), '-m', model, '--json')),
  ])
  expect(verified.code).toBe(0)
  expect(found[0].lines[0].value).toEqual(found[1].lines[0].value)
  rmSync(`${apart}.data`)
  const missing = await cli('predict', example('NaCl.cif'), '-m', apart)
  expect(missing.code).not.toBe(0)
  expect(missing.stderr).toMatch(/its weights are in "apart\.onnx\.data", which is not beside it/)
}, 120_000)
