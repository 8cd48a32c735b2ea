// Searches of hyper-parameters by Optuna and Ray Tune (examples/python) through `train --json`: a run folder a trial, and the best
// one is the one whose own files say so.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLI, cli, temporaryFolder } from '../cli/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PYTHON = join(root, 'node_modules/.cache/crystal-onnx/ray/bin/python')
const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const DATA = join(folder, 'ionic.jsonl')
const TINY = join(folder, 'tiny.json')
const OPTIONS = ['--config', TINY, '--epochs', '3', '--swa-epochs', '1', '--threads', '1']

beforeAll(async () => {
  expect((await cli('data', 'generate', '--count', '60', '-o', DATA)).code).toBe(0)
  const small = { num_layers: 1, model_dim: 16, head_num: 2, ff_dim: 16, embedding_dim: [16] }
  writeFileSync(TINY, JSON.stringify({ ...small, value_pe_dist_real: 8 }))
  mkdirSync(join(folder, 'bin'))
  const command = join(folder, 'bin/crystal-onnx')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`)
  chmodSync(command, 0o755)
}, 60_000)

/** The last line of what a search prints. */
async function search(script: string, runs: string, trials: number): Promise<string> {
  const args = [DATA, 'lattice_energy', 'eV/atom', runs, String(trials), ...OPTIONS]
  const child = spawn(PYTHON, [join(root, 'examples/python', script), ...args], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = await once(child, 'close')
  expect([code, code === 0 ? '' : stderr.slice(-3000)]).toEqual([0, ''])
  return stdout.trim().split('\n').at(-1)!
}

const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
const epochs = (run: string) =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.skipIf(!existsSync(PYTHON))(
  'searches (skipped where .ci/run could not install Ray and Optuna)',
  () => {
    it('Optuna: every trial is a run, the best is that of the smallest error, and the study goes on', async () => {
      const runs = join(folder, 'optuna')
      for (const [trials, all] of [
        [2, 2],
        [1, 3],
      ]) {
        const said = await search('optuna_search.py', runs, trials)
        const names = Array.from({ length: all }, (_, n) => `trial-${n}`)
        expect(readdirSync(runs).sort()).toEqual(names)
        const errors = names.map((name) => json(runs, name, 'evaluation.json').val.targets[0].standardised)
        const [, value, params, best] = /^(\S+) (\{.*\}) (\S+)$/.exec(said)!
        expect(Number(value)).toBe(Math.min(...errors))
        expect(best).toBe(join(runs, names[errors.indexOf(Number(value))]))
        const { training } = json(best, 'config.json')
        expect(params).toContain(`'batch_size': ${training.batch_size}`)
        expect(params).toContain(`'learning_rate': ${training.learning_rate}`)
      }
    }, 480_000)

    it('Ray Tune: every trial is a run, and the best is that whose last epoch has the smallest error', async () => {
      const runs = join(folder, 'ray')
      const said = await search('ray_search.py', runs, 2)
      const names = readdirSync(runs).filter((name) => name !== 'tune')
      expect(names).toHaveLength(2)
      const last = names.map((name) => epochs(join(runs, name)).at(-1))
      expect(last.map(({ epoch }) => epoch)).toEqual([3, 3])
      const errors = last.map(({ val_error }) => val_error)
      const [, value, params] = /^(\S+) (\{.*\})$/.exec(said)!
      expect(Number(value)).toBe(Math.min(...errors))
      const { training } = json(runs, names[errors.indexOf(Number(value))], 'config.json')
      expect(params).toContain(`'batch_size': ${training.batch_size}`)
    }, 480_000)
  },
)
