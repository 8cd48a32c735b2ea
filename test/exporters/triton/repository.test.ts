// A model of a repository: versions beside one another, the configuration that somebody changed, and what is refused.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { TritonModel } from '../../../exporters/triton/model.ts'
import { placeInRepository } from '../../../exporters/triton/repository.ts'
import { ConfigError, OutputError } from '../../../src/errors.ts'

const repository = mkdtempSync(join(tmpdir(), 'triton-repository-'))
afterAll(() => rmSync(repository, { recursive: true, force: true }))

const model = (layout: string, byte = 1): TritonModel => ({
  bytes: Uint8Array.of(byte),
  config: (name) => `# crystal-onnx, layout ${layout}\nname: "${name}"\n`,
  goldenError: 0,
})

it('adds a version each time, and leaves the configuration as it is', async () => {
  const first = await placeInRepository(repository, 'e_form', 'cells', model('cells'))
  expect(first).toEqual({ file: join(repository, 'e_form/1/model.onnx'), version: 1, configured: false })
  const config = join(repository, 'e_form/config.pbtxt')
  expect(readFileSync(config, 'utf8')).toContain('name: "e_form"')

  writeFileSync(config, `${readFileSync(config, 'utf8')}max_batch_size: 4\n`)
  mkdirSync(join(repository, 'e_form/9'))
  mkdirSync(join(repository, 'e_form/notes'))
  const next = await placeInRepository(repository, 'e_form', 'cells', model('cells', 2))
  expect(next).toMatchObject({ version: 10, configured: true })
  expect([...readFileSync(next.file)]).toEqual([2])
  expect(readFileSync(config, 'utf8')).toContain('max_batch_size: 4')
  expect(readdirSync(join(repository, 'e_form')).sort()).toEqual(['1', '10', '9', 'config.pbtxt', 'notes'])
})

it('refuses another layout under the same name, and leaves nothing', async () => {
  await placeInRepository(repository, 'other', 'cells', model('cells'))
  const again = placeInRepository(repository, 'other', 'ragged', model('ragged'))
  await expect(again).rejects.toThrow(ConfigError)
  await expect(again).rejects.toThrow(/config\.pbtxt: .* layout ragged; choose another --name/)
  expect(readdirSync(join(repository, 'other')).sort()).toEqual(['1', 'config.pbtxt'])
})

it.each(['', '.', '..', '../up', 'a/b', '-o', 'a b', 'x'.repeat(65), 'ü'])(
  'refuses the name "%s"',
  async (name) => {
    await expect(placeInRepository(repository, name, 'cells', model('cells'))).rejects.toThrow(/model name/)
  },
)

it('says so where the repository is a file', async () => {
  const file = join(repository, 'file')
  writeFileSync(file, '')
  await expect(placeInRepository(file, 'm', 'cells', model('cells'))).rejects.toThrow(OutputError)
})
