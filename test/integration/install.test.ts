// The packed package in fresh projects outside of this tree, installed for one purpose each: what that brings, and what is
// said where something is missing. Skipped where the npm registry is not reached.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { isReached, pack } from '../../bench/matrix/project.ts'
import { example, temporaryFolder } from '../cli/run.ts'

const run = promisify(execFile)
const folder = temporaryFolder()
let tarball: string
const INSTALL_MS = 240_000

const reached = await isReached()

/** A project with the package and others. */
async function project(name: string, ...packages: string[]) {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
  copyFileSync(example('NaCl.cif'), join(cwd, 'NaCl.cif'))
  await run('npm', ['install', '--no-audit', '--no-fund', tarball, ...packages], { cwd })
  const { stdout } = await run('du', ['-sm', 'node_modules'], { cwd })
  const installed = (path: string) => existsSync(join(cwd, 'node_modules', path))
  const node = (...args: string[]) =>
    // picocolors adds colours on build machines.
    run(process.execPath, args, { cwd, env: { ...process.env, NO_COLOR: '1' } }).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    )
  const cli = (...args: string[]) => node('node_modules/crystal-onnx/dist/cli.js', ...args)
  return { cwd, megabytes: Number.parseInt(stdout, 10), installed, node, cli }
}

const PREDICT = `
import { load, readStructureFile, train } from 'crystal-onnx'
const model = await load('formation-energy', { engine: process.argv[2] })
const [{ structure }] = await readStructureFile('NaCl.cif')
const { value } = await model.predict(structure)
await model.dispose()
const refused = await train({}).catch((error) => error)
console.log(JSON.stringify({ value, engine: model.engine, code: refused.code, message: refused.message }))
`

describe.skipIf(!reached)('installed for a purpose (skipped where the npm registry is not reached)', () => {
  beforeAll(async () => {
    tarball = await pack(folder)
  }, INSTALL_MS)

  it(
    'alone: predicts by our own kernels, and says what training needs',
    async () => {
      const { megabytes, installed, node, cli, cwd } = await project('alone')
      expect(megabytes).toBeLessThanOrEqual(32)
      for (const heavy of ['onnxruntime-node', 'onnxruntime-web', '@tensorflow', 'vega', 'fastify']) {
        expect(installed(heavy), heavy).toBe(false)
      }
      expect((await cli('predict', 'NaCl.cif', '--json')).stdout).toMatch(/"engine":"fused"/)
      await cli('data', 'generate', '-o', 'data.jsonl', '--count', '30')
      const trained = await cli('train', 'data.jsonl', '--target', 'lattice_energy', '-o', 'run')
      expect(trained.stderr).toMatch(/^error training and exporting need .* npm install @tensorflow\/tfjs@/m)
      expect(readdirSync(cwd)).not.toContain('run')

      writeFileSync(join(cwd, 'main.js'), PREDICT)
      const said = JSON.parse((await node('main.js', 'auto')).stdout)
      expect(said).toMatchObject({ engine: 'fused', code: 'PLATFORM' })
      expect(said.value).toBeCloseTo(-2.1, 1)
      expect((await node('main.js', 'onnxruntime')).stderr).toMatch(/npm install onnxruntime-node/)
    },
    INSTALL_MS,
  )

  it(
    'a server: onnxruntime-node in one command, without its download',
    async () => {
      const { megabytes, installed, node, cwd } = await project(
        'server',
        'onnxruntime-node@1.30.0',
        '--ignore-scripts',
      )
      expect(megabytes).toBeLessThanOrEqual(320)
      for (const heavy of ['onnxruntime-web', '@tensorflow', 'vega'])
        expect(installed(heavy), heavy).toBe(false)
      writeFileSync(join(cwd, 'main.js'), PREDICT)
      expect(JSON.parse((await node('main.js', 'onnxruntime')).stdout)).toMatchObject({
        engine: 'onnxruntime',
      })
    },
    INSTALL_MS,
  )

  it(
    'a browser project: onnxruntime-web, and types that check without TensorFlow.js',
    async () => {
      const { megabytes, installed, node, cwd } = await project(
        'browser',
        'onnxruntime-web@1.30.0',
        'typescript@5.9',
      )
      expect(megabytes).toBeLessThanOrEqual(206)
      for (const heavy of ['onnxruntime-node', '@tensorflow', 'vega', 'fastify']) {
        expect(installed(heavy), heavy).toBe(false)
      }
      const main = ['crystal-onnx', 'crystal-onnx/web', 'crystal-onnx/crystal', 'crystal-onnx/pretrained']
      writeFileSync(
        join(cwd, 'main.ts'),
        main.map((entry, n) => `export * as e${n} from '${entry}'\n`).join(''),
      )
      const options = [
        '--strict',
        '--noEmit',
        '--target',
        'es2022',
        '--module',
        'esnext',
        '--moduleResolution',
        'bundler',
      ]
      const checked = await node(
        'node_modules/typescript/bin/tsc',
        ...options,
        '--lib',
        'es2023,dom',
        'main.ts',
      )
      expect(checked.stdout).toBe('')
    },
    INSTALL_MS,
  )
})
