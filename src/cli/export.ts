// `export RUN_OR_WEIGHTS -o m.onnx`: a run folder of `train`, or a safetensors file under the published names, to a
// model file that checks itself; with --to state_dict, to a file that the published PyTorch code loads; with --to triton,
// to a model of a repository of Triton Inference Server.

import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Command, Option } from 'commander'
import type { CrystalExportOptions } from '../../exporters/crystal/exported-file.ts'
import { checkModelName, LAYOUTS, type Layout } from '../../exporters/triton/names.ts'
import { dataFiles } from '../data/formats/folder.ts'
import { ConfigError, WeightsError } from '../errors.ts'
import type { RunWeights } from '../training/run-weights.ts'
import { readConfigFile } from './config-file.ts'
import { repositoryFromExport, repositoryFromFile } from './export-triton.ts'
import { isModelFile } from './is-model-file.ts'
import {
  addModelFileOptions,
  described,
  exportOptions,
  type ModelFileOptions,
  reported,
  signerOf,
  structuresOf,
} from './model-file-options.ts'
import { chosenNetwork, NAMES, networkOption } from './network-option.ts'
import { LIMITS, within } from './options.ts'
import { Output } from './output.ts'
import { progressBar } from './progress.ts'
import { endedBySystem } from './signals.ts'
import { checkModelFiles, writeModelFiles } from './write-model.ts'

interface Options extends ModelFileOptions {
  to: 'onnx' | 'state_dict' | 'triton'
  layout?: Layout
  name?: string
  architecture?: string
  network?: string
  errorBound?: number
  cutoff?: number
  calibrate?: string
  ensemble?: boolean
}

const MAX_WEIGHTS_BYTES = 2 ** 30

export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a model file that checks itself')
    .argument(
      '<run-or-weights...>',
      'a run folder of train, or a .safetensors file under the published names; with --ensemble several runs; with --to ' +
        'triton also a finished .onnx file',
    )
  return addModelFileOptions(command)
    .addOption(
      new Option(
        '--to <format>',
        'a model file, safetensors that the published PyTorch code loads, or a model of the repository -o of Triton',
      )
        .choices(['onnx', 'state_dict', 'triton'])
        .default('onnx'),
    )
    .addOption(
      new Option(
        '--layout <name>',
        'triton: what a request is. cells: numbers, coordinates, lattice; ragged: prepared images; tables: a whole batch',
      ).choices(LAYOUTS),
    )
    .option('--name <model>', 'triton: the name of the model, by default that of what it is made of')
    .option(
      '--ensemble',
      'the members of an ensemble, or several runs, as one model that gives their mean and spread',
    )
    .addOption(new Option('--architecture <name>', `the network: ${NAMES}`))
    .addOption(networkOption())
    .option(
      '--error-bound <x>',
      'converged: bound on the neglected weight that sets the radius (1e-5)',
      within(LIMITS.errorBound),
    )
    .addOption(
      new Option('--cutoff <Å>', 'converged: the radius itself')
        .argParser(within(LIMITS.cutoff))
        .conflicts('errorBound'),
    )
    .addOption(
      new Option(
        '--calibrate <data>',
        'converged: a smaller radius from the widths on these crystals',
      ).conflicts('cutoff'),
    )
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx export runs/e_form -o e_form.onnx
  crystal-onnx export weights.safetensors -o m.onnx --property e_form --unit eV/atom --mean -1.4 --std 1.1
  crystal-onnx export runs/e_form -o small-radius.onnx --calibrate crystals.jsonl.gz
  crystal-onnx export runs/e_form -o explained.onnx --outputs attention,embedding
  crystal-onnx export runs/five -o five.onnx --ensemble --domain crystals.jsonl.gz
  crystal-onnx export runs/former runs/framer -o both.onnx --ensemble
  crystal-onnx export runs/e_form -o portable.onnx --geometry in-graph
  crystal-onnx export runs/own -o own.onnx --network ./my-network.ts
  crystal-onnx export runs/e_form -o small.onnx --precision float16 --gate crystals.jsonl.gz
  crystal-onnx export weights.safetensors -o m.onnx --property e_form --domain crystals.jsonl.gz
  crystal-onnx export runs/e_form -o e_form.onnx --sign key.pem
  crystal-onnx export runs/e_form -o e_form.onnx --external-data
  crystal-onnx export runs/e_form -o e_form.safetensors --to state_dict
  crystal-onnx export runs/e_form -o repository/ --to triton
  crystal-onnx export e_form.onnx -o repository/ --to triton --layout ragged --name e_form`,
    )
    .action(run)
}

async function run(from: readonly string[], options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  const [first] = from
  const toTriton = options.to === 'triton'
  refuseMixed(from, options, command)
  if (options.name !== undefined) checkModelName(options.name)
  const signed = await signerOf(options)
  if (toTriton && isModelFile(first)) return repositoryFromFile(first, options, output)
  const named = await chosenNetwork(options, '--architecture', options.architecture, command)
  const { calibrate } = await import('../../exporters/crystal/calibrate.ts')
  const { exportCrystalModel } = await import('../../exporters/crystal/export.ts')
  if (from.length > 1 && !options.ensemble) {
    command.error('several runs make one model with --ensemble only')
  }
  if (!toTriton) await checkModelFiles(options, await inputs(from, options))
  const isRun = options.ensemble || (await stat(first)).isDirectory()
  const source = isRun ? await fromRuns(from, options, output) : await fromFile(first, options)
  const { architecture } = source.config
  if (named !== undefined && named !== architecture) {
    const option = options.architecture === undefined ? '--network' : '--architecture'
    throw new WeightsError(`${from.join(', ')}: the weights of a ${architecture}, ${option} says ${named}`)
  }
  if (options.to === 'state_dict') return writeStateDict(source, options, output)

  let smallestRho: number | undefined
  if (options.calibrate) {
    const bar = progressBar('calibrate')
    const crystals = await structuresOf(options.calibrate)
    const seen = await endedBySystem(() =>
      calibrate(source.weights, source.config, crystals, { onProgress: bar.update }),
    )
    bar.stop()
    smallestRho = seen.smallestRho
    output.note(
      `smallest ρ on ${seen.crystals} crystals ${seen.observedRho.toFixed(4)}, taken ${smallestRho.toFixed(4)}`,
    )
  }

  const mode = options.mode ?? source.mode ?? 'converged'
  const geometry = {
    ...(mode === 'converged' ? source.geometry : {}),
    ...(options.errorBound !== undefined ? { errorBound: options.errorBound, radius: undefined } : {}),
    ...(options.cutoff !== undefined ? { radius: options.cutoff } : {}),
    ...(smallestRho !== undefined ? { smallestRho, radius: undefined } : {}),
  }
  const bar = progressBar('export', 100)
  const radiusCrystals = await crystalsToCompare(options, source)
  const exportSettings = await exportOptions(options, source.targets)
  const inGraph = toTriton ? (options.layout ?? 'cells') === 'cells' : exportSettings.inGraph
  const exported = await endedBySystem(() =>
    exportCrystalModel({
      ...{ ...source, mode, geometry, ...exportSettings, inGraph },
      radiusCrystals,
      onProgress: (stage, done, total) => bar.update(Math.round((100 * done) / total), stage),
    }),
  )
  bar.stop()
  if (toTriton) return repositoryFromExport(exported, first, options, output)
  const bytes = await signed(exported.bytes)
  const report = { ...exported.report, bytes: bytes.length }
  const external = await writeModelFiles(options, bytes)
  output.line(
    { ...reported(options.output, report), ...external },
    described(options.output, report, source.targets),
  )
}

/** Real crystals that the radius is tried on, of whatever data is at hand: what was named, or what a run learned from. */
async function crystalsToCompare({ domain, gate, calibrate }: Options, { training }: Source) {
  const named = domain ?? gate ?? calibrate
  if (named !== undefined) return structuresOf(named)
  const learned = training?.data
  return learned !== undefined && existsSync(learned) ? structuresOf(learned) : undefined
}

/** Of a run, whatever it has left; other files in its folder may be written. */
async function inputs(
  from: readonly string[],
  { config, calibrate, gate, domain, sign }: Options,
): Promise<(string | undefined)[]> {
  const data = await Promise.all([calibrate, gate, domain].map((path) => path && dataFiles(path)))
  const { runPaths } = await import('../training/run-folder.ts')
  const sources = await Promise.all(
    from.map(async (path) => ((await stat(path)).isDirectory() ? Object.values(runPaths(path)) : [path])),
  )
  return [...sources.flat(), config, sign, ...data.flat()]
}

/** Options that do not go together are wrong usage, and said before anything is read. */
function refuseMixed(from: readonly string[], options: Options, command: Command): void {
  const refuse = (why: string) => command.error(`error: ${why}`)
  if (options.to !== 'triton') {
    const given = (['layout', 'name'] as const).find((name) => options[name] !== undefined)
    if (given) refuse(`--${given} is for --to triton`)
    return
  }
  if (options.sign) refuse('--sign is for a model file: Triton gets a graph that is made of it')
  if (options.externalData) refuse('--external-data is for a model file, not for --to triton')
  if (options.geometry) refuse('--geometry follows from --layout with --to triton')
  if (!from.some(isModelFile)) return
  if (from.length > 1) refuse('a finished file is made a model of Triton alone')
  const making = MAKING.find((name) => options[name] !== undefined)
  if (making) refuse(`--${making} is for a model that is exported, and ${from[0]} is finished`)
}

/** The options that only a model file has. */
const MODEL_FILE_ONLY = [
  'mode',
  'errorBound',
  'cutoff',
  'calibrate',
  'outputs',
  'geometry',
  'precision',
  'domain',
  'sign',
  'externalData',
] as const

/** The options that say how a model file is made. */
const MAKING = [...MODEL_FILE_ONLY, 'gate', 'config', 'property', 'unit', 'mean', 'std', 'ensemble'] as const

async function writeStateDict(source: Source, options: Options, output: Output): Promise<void> {
  const given = MODEL_FILE_ONLY.find((name) => options[name] !== undefined)
  if (given !== undefined) throw new ConfigError(`${given} is for a model file, not for --to state_dict`)
  const { checkWeights, networkOf } = await import('../../models/registry.ts')
  const { writePublished } = await import('../published/write.ts')
  const { writeWhole } = await import('../files.ts')
  checkWeights(source.weights, source.config)
  const network = networkOf(source.config)
  const attention = network.attention?.(source.config)
  if (!attention) {
    throw new ConfigError(
      `--to state_dict: there is no published code that loads a ${network.title} from here`,
    )
  }
  const transformed = source.targets.find(({ transform }) => transform)
  if (transformed) {
    throw new ConfigError(
      `--to state_dict: ${transformed.transform} of ${transformed.name} was learned, which the published code does not know`,
    )
  }
  const bytes = writePublished(source.weights, attention.config, source.targets)
  await writeWhole(options.output, bytes)
  output.line(
    { file: options.output, bytes: bytes.length, tensors: source.weights.size },
    `${options.output}: ${source.weights.size} tensors as model.* and swa_model.module.*`,
  )
}

type Source = Pick<CrystalExportOptions, 'weights' | 'config' | 'targets'> &
  Partial<Pick<CrystalExportOptions, 'training' | 'domain' | 'mode' | 'geometry'>>

/** What `train` left, or has so far: weights, configuration, targets and metrics. */
async function fromRuns(folders: readonly string[], options: Options, output: Output): Promise<Source> {
  for (const name of ['config', 'property', 'unit', 'mean', 'std'] as const) {
    if (options[name] !== undefined) {
      throw new ConfigError(`--${name} is for a weights file; the run folder ${folders[0]} says it itself`)
    }
  }
  const { readRun } = await import('../training/read-run.ts')
  const { readEnsemble } = await import('../training/read-ensemble.ts')
  const run = options.ensemble ? await readEnsemble(folders) : await readRun(folders[0])
  for (const remark of run.remarks) output.warn(remark)
  return run
}

/** Weights under the published names: those that `train` wrote say what they are, of others the shapes tell most. */
async function fromFile(file: string, options: Options): Promise<Source> {
  const { inferConfig } = await import('../../models/registry.ts')
  const { readSafetensors } = await import('../../models/safetensors.ts')
  const { runWeights } = await import('../training/run-weights.ts')
  const { size } = await stat(file)
  if (size > MAX_WEIGHTS_BYTES)
    throw new WeightsError(`${file}: ${size} bytes, expected at most ${MAX_WEIGHTS_BYTES}`)
  const bytes = await readFile(file)
  const given = options.config === undefined ? {} : await readConfigFile(options.config)
  const known = runWeights(bytes, file)
  if (known) {
    refuseOthers(file, known, given, options)
    // The shapes may not contradict what the file says of itself.
    return { ...known, config: inferConfig(known.weights, known.config) }
  }
  const { tensors } = readSafetensors(bytes, file)
  const { property = 'output', unit = '1', mean = 0, std = 1 } = options
  const config = inferConfig(tensors, given)
  return { weights: tensors, config, targets: targetsOf(config.num_targets, property, unit, mean, std) }
}

/** @throws ConfigError for an option that says otherwise than a file that says it itself. */
function refuseOthers(file: string, known: RunWeights, config: object, options: Options): void {
  const refuse = (what: string, given: unknown, there: unknown) => {
    const [wanted, has] = [given, there].map((value) => JSON.stringify(value))
    if (wanted !== has) throw new ConfigError(`${what} ${wanted}: ${file} says ${has} itself; leave it out`)
  }
  for (const [key, value] of Object.entries(config)) {
    refuse(`--config, ${key}`, value, (known.config as Record<string, unknown>)[key])
  }
  const column = (of: 'name' | 'unit' | 'mean' | 'std') => {
    const values = known.targets.map((target) => target[of])
    return new Set(values).size === 1 ? values[0] : values.join(',')
  }
  if (options.property !== undefined) refuse('--property', options.property, column('name'))
  for (const name of ['unit', 'mean', 'std'] as const) {
    if (options[name] !== undefined) refuse(`--${name}`, options[name], column(name))
  }
}

/** One entry a column; several properties are given as a comma-separated list of names. */
function targetsOf(columns: number, property: string, unit: string, mean: number, std: number) {
  const names = property.split(',').map((name) => name.trim())
  if (names.length !== columns && names.length !== 1) {
    throw new ConfigError(`--property names ${names.length} targets, the weights have ${columns}`)
  }
  return Array.from({ length: columns }, (_, c) => {
    const name = names.length === columns ? names[c] : `${names[0]}_${c}`
    return { name, unit, mean, std }
  })
}
