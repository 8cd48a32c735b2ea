// The network as a function, and what becomes of it on its way to a prediction.

import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { packBatch, prepareCrystal, type Structure } from 'crystal-onnx'
import { latticeFromParameters, structure, writeStructure } from 'crystal-onnx/crystal'
import { ELEMENT_TABLE, networkOf } from 'crystal-onnx/models'
import { load } from 'crystal-onnx/runtimes'
import { beforeAll, describe, expect, it } from 'vitest'
import { network as definition } from '../network.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'own-network-'))
const project = join(import.meta.dirname, '..')

/** Float32 sums in another order. */
const ROUNDING = 1e-5

const rutile = structure({
  lattice: latticeFromParameters([4.59, 4.59, 2.96, 90, 90, 90]),
  species: [22, 22, 8, 8, 8, 8],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
    [0.305, 0.305, 0],
    [0.695, 0.695, 0],
    [0.195, 0.805, 0.5],
    [0.805, 0.195, 0.5],
  ],
})

describe('the function', () => {
  const network = networkOf({ architecture: definition.name })
  const config = network.configure({})
  const { geometry } = network.geometry(config, 'converged', {})
  const weights = network.initialise(config, 7)
  const value = (crystal: Structure) =>
    tf.tidy(() => {
      const tensors = ({ data, shape }: { data: Float32Array; shape: readonly number[] }) =>
        tf.tensor(data, [...shape])
      const parameters = Object.fromEntries([...weights].map(([name, weight]) => [name, tensors(weight)]))
      const batch = packBatch([prepareCrystal(crystal, geometry, ELEMENT_TABLE)])
      const inputs = Object.fromEntries(
        Object.entries(batch.tensors).map(([name, { data, dims }]) => [
          name,
          tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32'),
        ]),
      )
      return network.forward(parameters, config, inputs).dataSync()[0]
    })

  it('does not know where the cell begins, how it is turned, or how often it is repeated', () => {
    const expected = value(rutile)
    const moved = { ...rutile, frac: rutile.frac.map(([x, y, z]) => [x + 0.37, y - 0.21, z + 0.9] as const) }
    const turned = {
      ...rutile,
      lattice: rutile.lattice.map(([x, y, z]) => [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y, z] as const),
    }
    const twice = structure({
      lattice: [rutile.lattice[0], rutile.lattice[1], rutile.lattice[2].map((x) => 2 * x)] as never,
      species: [...rutile.species, ...rutile.species] as never,
      frac: [0, 1].flatMap((n) => rutile.frac.map(([x, y, z]) => [x, y, (z + n) / 2] as const)),
    })
    for (const same of [moved, turned, twice] as Structure[]) {
      expect(Math.abs(value(same) - expected)).toBeLessThan(ROUNDING * Math.max(1, Math.abs(expected)))
    }
  })

  it('knows how far atoms are apart', () => {
    const stretched = {
      ...rutile,
      lattice: rutile.lattice.map((row) => row.map((x) => 1.05 * x)) as never,
    }
    expect(Math.abs(value(stretched) - value(rutile))).toBeGreaterThan(100 * ROUNDING)
  })
})

describe('from data to a prediction', () => {
  const model = join(folder, 'pair-filter.onnx')
  let trained: { test_mae: number; std: number; golden_max_rel: number }

  beforeAll(async () => {
    const script = ['--import', import.meta.resolve('tsx'), join(project, 'train.ts'), model, '300', '12']
    const { stdout } = await run(process.execPath, script, { cwd: folder })
    trained = JSON.parse(stdout.trim().split('\n').at(-1)!)
  }, 300_000)

  it('learns lattice energies', () => {
    // Crystals of compounds that were never seen; their mean would be wrong by about 0.8 standard deviations.
    expect(trained.test_mae).toBeLessThan(0.5 * trained.std)
    expect(trained.golden_max_rel).toBeLessThan(1e-5)
  })

  it('predicts in Node, with the file alone', async () => {
    const loaded = await load(model)
    expect(await loaded.embed(rutile)).toHaveLength(32)
    const { value, unit } = await loaded.predict(rutile)
    expect([Number.isFinite(value), unit]).toEqual([true, 'eV/atom'])
    await loaded.dispose()
  })

  it('goes through the command line, which runs the file that is named', async () => {
    const cli = async (...args: string[]) =>
      (await run(join(project, 'node_modules/.bin/crystal-onnx'), args, { cwd: folder })).stdout
    const own = ['--network', join(project, 'network.ts')]
    writeFileSync(join(folder, 'POSCAR'), writeStructure(rutile, 'poscar'))
    await cli('data', 'generate', '-o', 'ionic.jsonl.gz', '--count', '60')
    const flags = ['--epochs', '2', '--swa-epochs', '0', '--threads', '2', '--json']
    const lines = await cli(
      'train',
      'ionic.jsonl.gz',
      '--target',
      'lattice_energy',
      ...own,
      '-o',
      'runs/own',
      ...flags,
    )
    expect(lines.trim().split('\n').length).toBeGreaterThanOrEqual(3)
    await cli('export', 'runs/own', ...own, '-o', 'own.onnx')
    expect(await cli('verify', 'own.onnx', ...own, '--device', 'cpu')).toContain('tfjs')
    expect(JSON.parse(await cli('predict', 'POSCAR', '-m', 'own.onnx', '--json')).unit).toBe('1')
    await expect(cli('export', 'runs/own', '-o', 'again.onnx')).rejects.toThrow(
      /architecture "pair-filter" is not known; expected one of .*--network/,
    )
  }, 300_000)
})
