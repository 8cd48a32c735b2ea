// Training on more crystals than are kept in memory: what a process takes, several files, kills, and a known data set.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { writeDataset } from '../../src/data/dataset.ts'
import { CLI, cli, temporaryFolder } from '../cli/run.ts'
import { labelled } from '../training/crystals.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Of 3.3 sites on average: more than 250,000 in all. */
const CRYSTALS = 100_000
const PARTS = 4
/**
 * Main memory at most, MB. Of it prepared crystals take up to 96, the program and its kernels some 400; all crystals as objects,
 * and all of them prepared, would take 1.4 GB more.
 */
const MOST_MB = 1000

const config = join(folder, 'tiny.json')
writeFileSync(
  config,
  JSON.stringify({
    ...{ num_layers: 1, model_dim: 16, head_num: 4, ff_dim: 16, embedding_dim: [8], value_pe_dist_real: 8 },
  }),
)
const parts = Array.from({ length: PARTS }, (_, part) => join(folder, `part-${part}.jsonl.gz`))
const command = (run: string) => [
  ...['train', ...parts, '--target', 'energy', '--config', config, '--cutoff', '4.5', '--threads', '1'],
  ...['--epochs', '2', '--swa-epochs', '1', '--batch-size', '512', '-o', join(folder, run), '--json'],
]

it('takes a bounded memory, reads the text once, and survives kills with the same weights', async () => {
  const crystals = labelled(CRYSTALS)
  const size = CRYSTALS / PARTS
  for (const [part, path] of parts.entries())
    await writeDataset(path, crystals.slice(part * size, (part + 1) * size))
  const whole = await cli(...command('whole'))
  expect(whole.stderr).toContain('4 files: 100,000 crystals')
  expect(whole.code).toBe(0)
  const [first, , end] = whole.lines
  expect(end.test.n).toBe(CRYSTALS / 8)
  expect(first.peak_memory_mb).toBeLessThan(MOST_MB)
  expect(whole.lines[1].peak_memory_mb).toBeLessThan(MOST_MB)
  const index = join(folder, '.crystal-onnx')
  expect(readdirSync(index).filter((name) => name.endsWith('.tmp'))).toEqual([])

  // While it indexes, while it trains, and to the end.
  rmSync(index, { recursive: true })
  for (const until of [/^\{"/m, /never/]) {
    const child = spawn(process.execPath, [CLI, ...command('killed'), '--resume'])
    const ended = once(child, 'exit')
    if (until.source === 'never') {
      const [code] = await ended
      expect(code).toBe(0)
    } else {
      await sleep(3000)
      child.kill('SIGKILL')
      await ended
      const again = spawn(process.execPath, [CLI, ...command('killed'), '--resume'])
      const over = once(again, 'exit')
      let out = ''
      again.stdout.on('data', (chunk) => {
        out += chunk
        if (until.test(out)) again.kill('SIGKILL')
      })
      await over
      expect(out).toMatch(until)
    }
  }
  for (const name of ['weights.safetensors', 'domain.json']) {
    expect(readFileSync(join(folder, 'killed', name)).equals(readFileSync(join(folder, 'whole', name)))).toBe(
      true,
    )
  }
  expect(readdirSync(index).filter((name) => name.endsWith('.tmp'))).toEqual([])
}, 300_000)
