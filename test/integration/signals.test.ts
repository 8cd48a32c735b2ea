// Signals end every command with the code of the signal, and leave nothing behind.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeDataset } from '../../src/data/dataset.ts'
import { generateIonicDataset } from '../../src/data/ionic/generate.ts'
import { CLI, temporaryFolder } from '../cli/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

beforeAll(async () => {
  const crystals = [...generateIonicDataset({ count: 200, seed: 1 })]
  const copies = Array.from({ length: 15 }, (_, n) => crystals.map((c) => ({ ...c, id: `${c.id}-${n}` })))
  await writeDataset(at('many.jsonl'), copies.flat())
  await writeDataset(at('some.jsonl'), crystals.slice(0, 40))
})
afterAll(() => rmSync(folder, { recursive: true }))

function start(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }))
  })
  return { child, ended, stderr: () => stderr }
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5))
}

it.each(Object.entries(CODES))(
  '%s while a file is written leaves no part of it',
  async (signal, exitCode) => {
    const place = at(signal)
    mkdirSync(place)
    const { child, ended } = start('data', 'convert', at('many.jsonl'), '-o', join(place, 'out.jsonl.gz'))
    await until(() => readdirSync(place).length > 0, child)
    expect(readdirSync(place)).toEqual([expect.stringMatching(/^out\.jsonl\.gz\..*\.tmp$/)])
    child.kill(signal as NodeJS.Signals)
    expect(await ended).toEqual({ code: exitCode, stderr: '' })
    expect(readdirSync(place)).toEqual([])
  },
)

describe('train', () => {
  const train = (name: string) =>
    start(
      ...['train', at('some.jsonl'), '--target', 'lattice_energy', '-o', at(name)],
      ...['--epochs', '40', '--swa-epochs', '0', '--threads', '2'],
    )

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'stops after the step at %s, and says how to go on',
    async (signal) => {
      const { child, ended, stderr } = train(signal)
      await until(() => stderr().includes('epoch 1/'), child)
      child.kill(signal)
      const { code, stderr: written } = await ended
      expect(code).toBe(CODES[signal])
      expect(written).toMatch(/^stopping after this step; go on with --resume$/m)
      expect(written).toMatch(/\nerror interrupted; go on with --resume\n$/)
      const left = readdirSync(at(signal), { recursive: true }).map(String)
      expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([])
      expect(left).toContain(join('checkpoint', 'state.json'))
    },
  )

  it('ends at once at the second signal', async () => {
    const { child, ended, stderr } = train('run')
    await until(() => stderr().includes('epoch 1/'), child)
    child.kill('SIGINT')
    child.kill('SIGTERM')
    const { code, stderr: written } = await ended
    expect([CODES.SIGINT, CODES.SIGTERM]).toContain(code)
    expect(written).not.toMatch(/^\s+at /m)
  })
})
