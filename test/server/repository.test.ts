// Models of a folder: loaded as they come, replaced while they answer, kept when what comes is broken.

import { copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelsIn } from '../../src/server/folder.ts'
import { namedSource } from '../../src/server/names.ts'
import { temporaryFolder } from '../cli/run.ts'
import { exportCase, TINY } from '../exporters/crystal/exported.ts'
import { exported, onDisk } from '../runtimes/models.ts'
import { posted, started, typedChain } from './running.ts'

const other = await exportCase(
  { ...TINY, mode: 'converged' },
  { targets: [{ name: 'other', unit: 'eV', mean: 7, std: 1 }] },
)

/** As programs should: whole files only. */
function put(folder: string, name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, 'new.tmp'), bytes)
  renameSync(join(folder, 'new.tmp'), join(folder, name))
}

describe('a folder of models', () => {
  it('is served as it changes, without a request that fails', async () => {
    const folder = temporaryFolder()
    put(folder, 'a.onnx', exported.bytes)
    mkdirSync(join(folder, 'b', '3'), { recursive: true })
    copyFileSync(onDisk(), join(folder, 'b', '3', 'model.onnx'))
    writeFileSync(join(folder, 'notes.txt'), 'no model')
    const { url, stop } = await started({ models: [], repository: folder })
    const index = async () => (await posted(`${url}/v2/repository/index`, '')).json
    const versions = async () =>
      (await index()).map(({ name, version }: Record<string, string>) => `${name} ${version}`)
    const ask = async (model: string) =>
      (await posted(`${url}/v2/models/${model}/infer`, { inputs: typedChain(3) })).json.outputs?.[0].data[0]
    expect(await versions()).toEqual(['a 1', 'b 3'])
    const before = await ask('a')
    expect(before).toBe(await ask('b'))

    // Requests go on while another file takes over.
    const statuses = new Set<number>()
    let asking = true
    const load = (async () => {
      while (asking)
        statuses.add((await posted(`${url}/v2/models/a/infer`, { inputs: typedChain(3) })).status)
    })()
    put(folder, 'a.onnx', other.bytes)
    await expect.poll(versions, { timeout: 20_000 }).toEqual(['a 2', 'b 3'])
    asking = false
    await load
    expect([...statuses]).toEqual([200])
    expect(await ask('a')).not.toBe(before)

    // A file that is cut off changes nothing but what the index says.
    mkdirSync(join(folder, 'b', '4'))
    copyFileSync(onDisk(), join(folder, 'b', '4', 'model.onnx'))
    truncateSync(join(folder, 'b', '4', 'model.onnx'), 5000)
    await expect.poll(async () => (await index())[1].reason, { timeout: 20_000 }).not.toBe('')
    expect(await index()).toMatchObject([{ name: 'a' }, { name: 'b', version: '3', state: 'READY' }])
    expect(await ask('b')).toBe(before)
    copyFileSync(onDisk(), join(folder, 'b', '4', 'model.onnx'))
    await expect.poll(versions, { timeout: 20_000 }).toEqual(['a 2', 'b 4'])

    rmSync(join(folder, 'a.onnx'))
    await expect.poll(versions, { timeout: 20_000 }).toEqual(['b 4'])
    expect(await ask('a')).toBeUndefined()
    await stop(0)
  })

  it('has names that can stand in addresses, and the highest version of each', async () => {
    const folder = temporaryFolder()
    for (const name of ['ok-1.x.onnx', '.hidden.onnx', 'a b.onnx', 'c.txt'])
      writeFileSync(join(folder, name), '')
    for (const version of ['2', '10', '9a', '01']) {
      mkdirSync(join(folder, 'deep', version), { recursive: true })
      writeFileSync(join(folder, 'deep', version, 'model.onnx'), '')
    }
    mkdirSync(join(folder, 'empty'))
    const found = await modelsIn(folder)
    expect(found.map(({ name, version }) => [name, version])).toEqual([
      ['deep', '10'],
      ['ok-1.x', undefined],
    ])
  })
})

it.each([
  ['formation-energy', 'formation-energy', 'formation-energy'],
  ['models/gap.onnx', 'gap', 'models/gap.onnx'],
  ['gap=models/x.onnx', 'gap', 'models/x.onnx'],
  ['https://example.org/m/gap.onnx?v=1', 'gap', 'https://example.org/m/gap.onnx?v=1'],
])('a model %s is called %s', (text, name, source) => {
  expect(namedSource(text)).toEqual({ name, source })
})

it.each(['a b.onnx', '=m.onnx', 'ü.onnx', `${'x'.repeat(101)}.onnx`])(
  'a model cannot be called as in %s',
  (text) => {
    expect(() => namedSource(text)).toThrow(/expected letters, digits/)
  },
)
