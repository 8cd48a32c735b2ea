// `train` as a command: what is left of a run that cannot go on.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, temporaryFolder } from './run.ts'

const folder = temporaryFolder()

it('ends with the reason when a run cannot be resumed, its threads with it', async () => {
  const data = join(folder, 'ionic.jsonl.gz')
  const run = ['train', data, '--target', 'lattice_energy', '-o', join(folder, 'run'), '--threads', '2']
  expect((await cli('data', 'generate', '-o', data, '--count', '40')).code).toBe(0)
  expect((await cli(...run, '--epochs', '2', '--swa-epochs', '1')).code).toBe(0)
  writeFileSync(join(folder, 'run/checkpoint/state.json'), '{}')
  const { code, stderr } = await cli(...run, '--resume')
  expect(code).toBe(1)
  expect(stderr).toMatch(/state\.json is no checkpoint of this version; start the run anew/)
})
