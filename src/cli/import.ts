// `import model.ckpt -o m.onnx`: a published PyTorch checkpoint to a model file that checks itself. docs/import.md.

import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command, Option } from 'commander'
import type { Structure } from '../crystal/structure.ts'
import { dataFiles } from '../data/formats/folder.ts'
import { LimitError, WeightsError } from '../errors.ts'
import { textOf } from '../files.ts'
import type { HyperParameters } from '../published/hyper-parameters.ts'
import type { PublishedModel } from '../published/read.ts'
import type { WeightSet } from '../published/state-dict.ts'
import {
  addModelFileOptions,
  described,
  exportOptions,
  type ModelFileOptions,
  reported,
  signerOf,
} from './model-file-options.ts'
import { Output } from './output.ts'
import { type Progress, progressBar } from './progress.ts'
import { endedBySystem } from './signals.ts'
import { checkModelFiles, writeModelFiles } from './write-model.ts'

interface Options extends ModelFileOptions {
  weights?: WeightSet
}

export function importCommand(): Command {
  const command = new Command('import')
    .description('published PyTorch weights to a model file that checks itself')
    .argument('<checkpoint>', 'a Lightning .ckpt, a state_dict (.pt, .pth), or .safetensors')
  return addModelFileOptions(command)
    .addOption(
      new Option(
        '--weights <set>',
        'the average of the final epochs (swa, which the published numbers are of), or the last ones',
      ).choices(['swa', 'last']),
    )
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx import megnet-e_form-layer4.ckpt -o e_form.onnx
  crystal-onnx import last.ckpt -o e_form.onnx --weights last --mode published
  crystal-onnx import e_form.ckpt -o e_form.onnx --domain crystals.jsonl.gz
  crystal-onnx import weights.pt -o e_form.onnx --config default.json --mean -1.4 --std 1.1`,
    )
    .action(run)
}

async function run(file: string, options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const bar = progressBar('import', 100)
  try {
    const { modeDifference } = await import('../published/difference.ts')
    const { exportCrystalModel } = await import('../../exporters/crystal/export.ts')
    const { goldenStructures } = await import('../../exporters/crystal/golden.ts')
    const { structure } = await import('../crystal/structure.ts')
    await checkModelFiles(options, await inputs(file, options))
    bar.update(2, 'reading')
    const signed = await signerOf(options)
    const model = await read(file, options)
    for (const warning of model.warnings) output.warn(warning)
    bar.update(5, 'float64 golden samples')
    const { mode = 'converged' } = options
    const { networkOf } = await import('../../models/registry.ts')
    const { quickAtoms } = networkOf(model.config).reference!
    const exportSettings = await exportOptions(options, model.targets)
    const { bytes, report, difference } = await endedBySystem(async () => {
      const { bytes, card, report } = await exportCrystalModel({
        weights: model.weights,
        config: model.config,
        targets: model.targets,
        mode,
        ...exportSettings,
        golden: quickest(goldenStructures(model.config), quickAtoms),
        ...(model.dataSet !== undefined && { training: { data: model.dataSet } }),
        onProgress: stages(bar),
      })
      bar.update(95, 'comparing modes')
      const samples = card.golden.map((sample) => ({ structure: structure(sample), value: sample.value }))
      const file = await signed(bytes)
      const difference = modeDifference(model, samples, mode)
      return { bytes: file, report: { ...report, bytes: file.length }, difference }
    })
    const external = await writeModelFiles(options, bytes)
    bar.stop()
    output.line(
      {
        ...reported(options.output, report),
        ...external,
        architecture: model.config.architecture,
        weights: model.set ?? null,
        averaged: model.averaged ?? null,
        mode,
        targets: model.targets,
        mode_difference: difference,
        unknown_keys: model.unknown,
        missing_keys: model.missing,
      },
      `${described(options.output, report, model.targets)}: ${describe(model)}\n` +
        `${mode === 'converged' ? 'The published code' : 'The converged sum'} differs by at most ` +
        `${difference.max_abs.toExponential(1)} ${model.targets[0].unit} on ${difference.samples} golden samples`,
    )
  } finally {
    bar.stop()
  }
}

/** The exporter's own progress between 5 and 90 %. */
function stages(bar: Progress) {
  return (stage: string, done: number, total: number) =>
    bar.update(5 + Math.round((85 * done) / total), stage)
}

async function inputs(
  file: string,
  { config, gate, domain, sign }: Options,
): Promise<(string | undefined)[]> {
  const data = await Promise.all([gate, domain].map((path) => path && dataFiles(path)))
  return [file, config, sign, hyperParametersBeside(file), ...data.flat()]
}

async function read(file: string, options: Options): Promise<PublishedModel> {
  const { readPublished } = await import('../published/read.ts')
  const { MAX_FILE_BYTES } = await import('../torch/checkpoint.ts')
  const found = await stat(file)
  if (found.isDirectory()) {
    throw new WeightsError(
      `${file}: a folder, as sharded checkpoints are; expected one file: torch.save of its state_dict in a program that ` +
        'has loaded it',
    )
  }
  if (found.size > MAX_FILE_BYTES) {
    throw new LimitError(`${file}: ${found.size} bytes, at most ${MAX_FILE_BYTES} are read`)
  }
  const beside = hyperParametersBeside(file)
  return readPublished(await readFile(file), file, {
    weights: options.weights,
    hyper: options.config === undefined ? undefined : await readHyperParameters(options.config),
    fallback: beside === undefined ? undefined : await readHyperParameters(beside),
    property: options.property?.split(',').map((name) => name.trim()),
    unit: options.unit,
    mean: options.mean,
    std: options.std,
  })
}

/** Lightning keeps hparams.yaml in the folder of a run, and checkpoints in a folder of their own inside it. */
function hyperParametersBeside(file: string): string | undefined {
  const folders = [dirname(file), join(dirname(file), '..')]
  return folders.map((folder) => join(folder, 'hparams.yaml')).find((path) => existsSync(path))
}

async function readHyperParameters(file: string): Promise<HyperParameters> {
  const { MAX_TEXT, parseHyperParameters } = await import('../published/text.ts')
  const { size } = await stat(file)
  if (size > MAX_TEXT) throw new LimitError(`${file}: ${size} bytes, at most ${MAX_TEXT} are read`)
  return parseHyperParameters(await textOf(file), file)
}

function describe({ config, set, averaged, targets }: PublishedModel): string {
  const from = set === 'swa' ? `average of ${averaged ?? 'some'} steps` : `${set ?? 'its'} weights`
  return `${config.architecture} of ${targets.map(({ name, unit }) => `${name} (${unit})`).join(', ')}, ${from}`
}

/** The crystals that the float64 reference is quick for, or else the smallest. */
function quickest(crystals: readonly Structure[], atoms: number): Structure[] {
  const least = crystals.reduce((least, { frac }) => Math.min(least, frac.length), Number.POSITIVE_INFINITY)
  return crystals.filter(({ frac }) => frac.length <= Math.max(atoms, least))
}
