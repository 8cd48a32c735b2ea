// Outputs that would overwrite what the command reads, or cannot be written: refused before the work begins.

import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataCommand } from '../../src/cli/data.ts'
import { embedCommand } from '../../src/cli/embed.ts'
import { exportCommand } from '../../src/cli/export.ts'
import { importCommand } from '../../src/cli/import.ts'
import { trainCommand } from '../../src/cli/train.ts'
import { writeDataset } from '../../src/data/dataset.ts'
import { fetchDataset } from '../../src/data/fetch/fetch.ts'
import { sourceNamed } from '../../src/data/fetch/sources.ts'
import { dataFiles } from '../../src/data/formats/folder.ts'
import { generateIonicDataset } from '../../src/data/ionic/generate.ts'
import { OutputError } from '../../src/errors.ts'
import { checkOutput } from '../../src/files.ts'
import { preset } from '../../src/training/options.ts'
import { train } from '../../src/training/run.ts'
import { runPaths } from '../../src/training/run-folder.ts'
import { fixture, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  const crystals = [...generateIonicDataset({ count: 30, seed: 1 })]
  await writeDataset(at('some.jsonl'), crystals)
  symlinkSync('some.jsonl', at('link'))
  linkSync(at('some.jsonl'), at('hard'))
  mkdirSync(at('set'))
  writeFileSync(at('set/id_prop.csv'), 'c,1\n')
  copyFileSync(at('some.jsonl'), at('set/c.json'))
  writeFileSync(at('config.json'), '{}')
  writeFileSync(at('hparams.yaml'), 'num_layers: 1')
  writeFileSync(at('m.onnx.jsonl'), '')
  copyFileSync(fixture('golden/crystalformer_tiny_perturbed.safetensors'), at('w.safetensors'))
  const { config, options } = preset('quick')
  await train({
    data: { name: 'ionic', crystals },
    targets: [{ name: 'lattice_energy', unit: 'eV/atom' }],
    config: { ...config, num_layers: 1, model_dim: 16, head_num: 2, ff_dim: 16, embedding_dim: [8] },
    options: { ...options, epochs: 1, swa_epochs: 0 },
    backend: 'wasm',
    runFolder: at('run'),
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command here. Words with a dot or a slash, and those of this list, are names in the folder. */
async function command(line: string): Promise<void> {
  const isName = (word: string) => /[./]/.test(word) || ['link', 'hard', 'run', 'set'].includes(word)
  const program = new Command()
  for (const made of [dataCommand, embedCommand, exportCommand, importCommand, trainCommand]) {
    program.addCommand(made())
  }
  const words = line.split(' ').map((word) => (isName(word) ? at(word) : word))
  await program.parseAsync([...words, '--json'], { from: 'user' })
}

const everything = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')])

describe('an output that is an input', () => {
  it.each([
    'data convert some.jsonl -o some.jsonl',
    'data convert some.jsonl -o link',
    'data convert set -o set/id_prop.csv',
    'data convert set -o set/c.json',
    'data check some.jsonl --html hard',
    'embed some.jsonl -m m.onnx.jsonl -o m.onnx.jsonl',
    'embed some.jsonl -m m.onnx.jsonl -o some.jsonl',
    'export run -o run/weights.safetensors',
    'export run -o run/config.json',
    'export run -o run/checkpoint/state.json',
    'export run --to state_dict -o run/weights.safetensors',
    'export run --gate some.jsonl -o link',
    'export run --calibrate set -o set/c.json',
    'export w.safetensors --config config.json -o config.json',
    'import w.safetensors -o w.safetensors',
    'import w.safetensors -o hparams.yaml',
    'import w.safetensors --gate some.jsonl -o hard',
    'train some.jsonl --target lattice_energy --config run/config.json -o run',
    'train run/metrics.jsonl --target lattice_energy -o run',
    'train some.jsonl --target lattice_energy --from run -o run',
    'train run/member-0/metrics.jsonl --target lattice_energy --ensemble 2 -o run',
  ])('%s', async (line) => {
    mkdirSync(at('run/member-0'), { recursive: true })
    writeFileSync(at('run/member-0/metrics.jsonl'), '')
    const before = everything()
    const refused = command(line)
    await expect(refused).rejects.toThrow(OutputError)
    await expect(refused).rejects.toThrow(/an input of this command; choose another name/)
    expect(everything()).toEqual(before)
  })

  it('is not another file in a folder that is read', async () => {
    copyFileSync(at('some.jsonl'), at('set/some.jsonl'))
    await checkOutput(at('set/some.jsonl'), await dataFiles(at('set')))
    writeFileSync(at('run/m.onnx'), '')
    await checkOutput(at('run/m.onnx'), Object.values(runPaths(at('run'))))
  })

  it('is not what a download writes', async () => {
    const source = sourceNamed('jarvis-megnet')
    const output = at(source.files[0].name)
    await expect(fetchDataset(source, output)).rejects.toThrow(/is the name of the published file/)
  })
})

describe('an output that cannot be', () => {
  it.each([
    ['export run -o absent/m.onnx', /folder does not exist: .*absent; make it first/],
    ['data generate -o set', /set: is a folder/],
    ['data check some.jsonl --html run', /run: is a folder/],
    ['train some.jsonl --target lattice_energy -o config.json', /config\.json: .*no folder/],
  ])('%s', async (line, why) => {
    const before = everything()
    await expect(command(line)).rejects.toThrow(why)
    expect(everything()).toEqual(before)
  })
})
