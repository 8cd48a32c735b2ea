// Run folders whose parts were changed or come from different runs are refused by whoever reads them; older ones, without
// seals, are taken with a remark.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors } from '../../models/safetensors.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import { runWeights } from '../../src/training/run-weights.ts'
import { labelled } from './crystals.ts'
import { tinyRun } from './tiny.ts'

// A domain needs twenty crystals to validate on.
const crystals = labelled(168)
let root: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-seal-`)
  await train(tinyRun(`${root}/run`, crystals))
  const { options } = tinyRun('', crystals)
  await train(tinyRun(`${root}/other`, crystals, { options: { ...options, seed: 4 } }))
})

async function copy(): Promise<string> {
  const folder = `${root}/copy-${count++}`
  await cp(`${root}/run`, folder, { recursive: true })
  return folder
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of a file
async function editJson(path: string, change: (value: any) => void): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8'))
  change(value)
  await writeFile(path, JSON.stringify(value))
}

const tensorsOf = async (folder: string) =>
  `${folder}/checkpoint/${(await readdir(`${folder}/checkpoint`)).find((name) => name.endsWith('.safetensors'))}`

/** Another bit of the last number of a file. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length - 3] ^= 1
  await writeFile(path, bytes)
}

const DAMAGE: Record<string, [(folder: string) => Promise<void>, RegExp]> = {
  'another mean': [
    (folder) => editJson(`${folder}/config.json`, (config) => (config.targets[0].mean += 3)),
    /config\.json was changed after it was written/,
  ],
  'another mean, without the seal': [
    (folder) =>
      editJson(`${folder}/config.json`, (config) => {
        config.targets[0].mean += 3
        delete config.sha256
      }),
    /does not belong to/,
  ],
  'settings of another run': [
    (folder) => cp(`${root}/other/config.json`, `${folder}/config.json`),
    /state\.json does not belong to config\.json/,
  ],
  'weights of another run': [
    (folder) => cp(`${root}/other/weights.safetensors`, `${folder}/weights.safetensors`),
    /weights\.safetensors does not belong to .*config\.json/,
  ],
  'a weight': [
    (folder) => flip(`${folder}/weights.safetensors`),
    /weights\.safetensors was changed after it was written/,
  ],
  'a number of the domain': [
    (folder) => editJson(`${folder}/domain.json`, ({ domain }) => (domain.difficulty.limit += 1)),
    /domain\.json was changed after it was written/,
  ],
  'the domain of another run': [
    (folder) => cp(`${root}/other/domain.json`, `${folder}/domain.json`),
    /domain\.json does not belong to .*config\.json/,
  ],
  'weights without a seal': [
    async (folder) => {
      const path = `${folder}/weights.safetensors`
      const { tensors, metadata } = readSafetensors(await readFile(path))
      const { run: _, sha256: __, ...rest } = metadata
      await writeFile(path, writeSafetensors(tensors, rest))
    },
    /weights\.safetensors does not belong to .*config\.json/,
  ],
  errors: [
    (folder) => editJson(`${folder}/evaluation.json`, (value) => (value.test.targets[0].mae = 0.001)),
    /evaluation\.json was changed after it was written/,
  ],
  'errors of another run': [
    (folder) => cp(`${root}/other/evaluation.json`, `${folder}/evaluation.json`),
    /evaluation\.json does not belong to/,
  ],
  'a checkpoint of another run': [
    (folder) => cp(`${root}/other/checkpoint`, `${folder}/checkpoint`, { recursive: true }),
    /state\.json does not belong to config\.json/,
  ],
  'a state': [
    (folder) => editJson(`${folder}/checkpoint/state.json`, (state) => (state.best.error = 0)),
    /state\.json was changed after it was written/,
  ],
  'tensors of a checkpoint': [
    async (folder) => flip(await tensorsOf(folder)),
    /the checkpoint is damaged \(its sha256 is not the one in state\.json\)/,
  ],
}

describe('a run folder with another part', () => {
  it.each(Object.entries(DAMAGE))('%s', async (_, [damage, message]) => {
    const folder = await copy()
    await damage(folder)
    await expect(readRun(folder)).rejects.toThrow(message)
    await expect(train(tinyRun(folder, crystals, { resume: true }))).rejects.toThrow(message)
  })

  it('is refused before its end, too', async () => {
    const folder = await copy()
    for (const name of ['weights.safetensors', 'evaluation.json']) await rm(`${folder}/${name}`)
    await flip(await tensorsOf(folder))
    await expect(readRun(folder)).rejects.toThrow(/the checkpoint is damaged/)
  })
})

describe('weights.safetensors alone', () => {
  it('says what it predicts, and is refused when that was changed or cannot be', async () => {
    const bytes = await readFile(`${root}/run/weights.safetensors`)
    const { config, targets, mode, geometry } = await readRun(`${root}/run`)
    expect(runWeights(bytes, 'w')).toMatchObject({ config, targets, mode, geometry: { radius: 4.5 } })
    expect(geometry).toEqual({ radius: 4.5 })
    const { tensors, metadata } = readSafetensors(bytes)
    const { sha256: _, ...open } = metadata
    const made = (changes: Record<string, string>, from = open) =>
      runWeights(writeSafetensors(tensors, { ...from, ...changes }), 'w')
    expect(() => made({ targets: metadata.targets.replace('eV', 'meV') }, metadata)).toThrow(/w was changed/)
    const cannotBe: Record<string, string>[] = [
      { config: '{' },
      { config: '[]' },
      { config: '{"num_layers":1e9}' },
      { config: '{"__proto__":{"num_layers":2},"x":1}' },
      { targets: '[]' },
      { targets: 'null' },
      { targets: '[{"name":"y","unit":"eV","mean":0,"std":-1}]' },
      { targets: '[{"name":"y","unit":"eV","mean":1e999,"std":1}]' },
      { geometry: '{"mode":"converged","radius":1e9}' },
    ]
    for (const hostile of cannotBe) {
      expect(() => made(hostile), JSON.stringify(hostile)).toThrow(/^w: its metadata cannot be used: /)
    }
    expect(runWeights(writeSafetensors(tensors, { format: 'pt' }), 'w')).toBe(undefined)
  })
})

describe('a run folder without seals', () => {
  /** As a toolkit without seals wrote it. */
  async function unsealed(): Promise<string> {
    const folder = await copy()
    await rm(`${folder}/domain.json`)
    await editJson(`${folder}/config.json`, (config) => delete config.sha256)
    await editJson(`${folder}/evaluation.json`, (value) => {
      for (const key of ['run', 'weights_sha256', 'sha256']) delete value[key]
    })
    await editJson(`${folder}/checkpoint/state.json`, (state) => {
      for (const key of ['run', 'tensors_sha256', 'sha256', 'average_mae']) delete state[key]
    })
    const path = `${folder}/weights.safetensors`
    const { tensors, metadata } = readSafetensors(await readFile(path))
    const { config, targets, toolkit } = metadata
    await writeFile(path, writeSafetensors(tensors, { config, targets, toolkit }))
    return folder
  }

  it('is read with a remark, and is still finished', async () => {
    const folder = await unsealed()
    expect((await readRun(folder)).remarks).toEqual([expect.stringMatching(/before run folders were sealed/)])
    expect((await readRun(`${root}/run`)).remarks).toEqual([])
    expect((await train(tinyRun(folder, crystals, { resume: true }))).backend).toBe(null)
    await editJson(`${folder}/config.json`, (config) => (config.targets[0].mean += 3))
    await expect(readRun(folder)).rejects.toThrow(/network or targets differ/)
  })

  it('goes on where it had not ended, as a sealed one does', async () => {
    const folder = await unsealed()
    for (const name of ['weights.safetensors', 'evaluation.json']) await rm(`${folder}/${name}`)
    const { chosen } = await train(tinyRun(folder, crystals, { resume: true }))
    const expected = await readRun(`${root}/run`)
    expect([...chosen.weights.values()].map(({ data }) => [...data])).toEqual(
      [...expected.weights.values()].map(({ data }) => [...data]),
    )
  })
})
