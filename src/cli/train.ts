// `train DATA --target e_form`: trains a network, or several, and leaves a run folder. --json prints one line per
// epoch, and one at the end.

import { Command, Option } from 'commander'
import { PRESETS, type PresetName } from '../../models/network.ts'
import { DEFAULT_NETWORK, NETWORKS } from '../../models/networks.ts'
import { usableCores } from '../cores.ts'
import type { Crystals } from '../data/crystals.ts'
import { BACKENDS, type BackendName } from '../engines/backends.ts'
import { TRANSFORMS, type Transform } from '../math/transform.ts'
import type { preset } from '../training/options.ts'
import type { StartingPoint } from '../training/start.ts'
import type { SweepPoint } from '../training/sweep.ts'
import type { TrainingRun } from '../training/training-run.ts'
import { VERSION } from '../version.ts'
import { refuseSmallAddressSpace } from './address-space.ts'
import { readConfigFile } from './config-file.ts'
import { DATA_FORMS, dataOf, openWithBar } from './data-input.ts'
import { isModelFile } from './is-model-file.ts'
import { chosenNetwork, NAMES, networkOption } from './network-option.ts'
import { LIMITS, whole, within } from './options.ts'
import { Output } from './output.ts'
import { checkRunFolder } from './output-file.ts'
import { folderName, quoted } from './quoted.ts'
import { endedBySystem, firstSignal } from './signals.ts'
import { printEnsemble, printResult } from './train-result.ts'
import { pointsOf, runSweep } from './train-sweep.ts'

interface Options {
  target: string[]
  filesFrom?: string
  primitive?: boolean
  unit: string[]
  transform: (Transform | 'none')[]
  output?: string
  preset: PresetName
  model?: string
  network?: string
  config?: string
  from?: string
  keepHead?: boolean
  epochs?: number
  swaEpochs?: number
  batchSize?: number
  accumulate?: number
  learningRate?: number
  patience?: number
  seed?: number
  ensemble?: number
  folds?: number
  sweep?: string
  cutoff?: number
  leaveOutChemistry?: number
  backend: 'auto' | BackendName
  threads: number
  dryRun?: boolean
  resume?: boolean
  json?: boolean
  /** values of FLAGS */
  [flag: string]: unknown
}

/** Hyper-parameters that have an option of their own, of any network. */
const FLAGS = NETWORKS.flatMap(({ flags = [] }) => flags).map(({ key, choices, option, description }) => ({
  key,
  option: new Option(option, description).choices(choices),
}))

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network on labelled crystals')
    .argument('[data...]', `${DATA_FORMS}; several are one data set`)
    .option('--files-from <list>', 'a text file with the name of a data file a line, - for standard input')
    .requiredOption('--target <names...>', 'the targets to learn, by their names in the data')
    .option('--unit <units...>', 'the unit of each target, such as eV/atom', [])
    .addOption(
      new Option(
        '--transform <kinds...>',
        'what is learned of each target: log10, for positive ones over orders of magnitude, or none',
      )
        .choices(['none', ...TRANSFORMS])
        .default([]),
    )
    .option('--primitive', 'reduce every crystal to its primitive standard cell')
    .option('-o, --output <folder>', 'the run folder; runs/<target> by default')
    .addOption(
      new Option('--preset <name>', 'network and schedule of the papers, or a small network for a laptop')
        .choices(PRESETS)
        .default('quick'),
    )
    .addOption(new Option('--model <name>', `the network: ${NAMES}; ${DEFAULT_NETWORK} by default`))
    .addOption(networkOption())
    .option('--config <file>', 'JSON of hyper-parameters under the published names, over those of the preset')
    .option(
      '--from <run or file.onnx>',
      'start from the weights of a finished run or a model file, all but its last layer, and its network',
    )
    .option(
      '--keep-head',
      'with --from: its last layer as well, for more labels of a target that it predicts',
    )
    .option('--epochs <n>', 'epochs, those of weight averaging included', whole(LIMITS.epochs))
    .option('--swa-epochs <n>', 'last epochs, in which the weights are averaged', whole(LIMITS.swaEpochs))
    .option('--batch-size <n>', 'crystals per step', whole(LIMITS.batchSize))
    .option('--accumulate <n>', 'batches whose gradients are averaged for one step', whole(LIMITS.accumulate))
    .option('--learning-rate <x>', 'largest learning rate', within(LIMITS.learningRate))
    .option(
      '--patience <n>',
      'stop after so many epochs without a better validation error',
      whole(LIMITS.epochs),
    )
    .option('--seed <n>', 'of initialisation and shuffling', whole(LIMITS.seed))
    .option('--ensemble <n>', 'train so many networks, with the seeds that follow', whole(LIMITS.ensemble))
    .option(
      '--folds <n>',
      'cross-validation: a network for each fold of the crystals to learn from, or several with --ensemble',
      whole(LIMITS.folds),
    )
    .addOption(
      new Option(
        '--sweep <grid>',
        'JSON of settings and hyper-parameters with a list of values each: a run of every combination',
      ).conflicts(['ensemble', 'folds']),
    )
    .option(
      '--cutoff <Å>',
      'radius of the sum instead of the one from the error bound',
      within(LIMITS.cutoff),
    )
    .option(
      '--leave-out-chemistry <share>',
      'share of the crystals to learn from that is left out by chemistry, to calibrate intervals on; 0 to 0.3',
      within(LIMITS.leftOut),
    )
    .addOption(
      new Option('--backend <name>', 'where to train').choices(['auto', ...BACKENDS]).default('auto'),
    )
    .option(
      '--threads <n>',
      'threads that compute gradients on the native and wasm backends; the cores of this machine by default',
      whole(LIMITS.threads),
      usableCores(),
    )
    .option('--dry-run', 'say which backend would train what, and why, and stop')
    .option(
      '--resume',
      'go on with the run in the folder, from its last whole epoch; start it where there is none, leave it where it has ended',
    )
    .option('--json', 'one JSON line per epoch on stdout, and one with the errors at the end')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx data generate -o ionic.jsonl.gz
  crystal-onnx train ionic.jsonl.gz --target lattice_energy --unit eV/atom -o runs/ionic
  crystal-onnx train ionic.jsonl.gz --target lattice_energy -o runs/ionic --resume
  crystal-onnx train ionic.jsonl.gz --target lattice_energy --model ${NETWORKS[1].name}
  crystal-onnx train ionic.jsonl.gz --target lattice_energy --network ./my-network.ts
  crystal-onnx train small.jsonl.gz --target gap --unit eV --from runs/e_form --learning-rate 1e-4
  crystal-onnx train mine.csv --target e_form --unit eV/atom --from e_form.onnx --keep-head --cutoff 8 --learning-rate 2e-4
  crystal-onnx train small.jsonl.gz --target gap --unit eV --folds 5 -o runs/gap
  crystal-onnx train conduct.csv --target sigma --unit S/m --transform log10
  crystal-onnx train mp.jsonl.gz --target e_form --unit eV/atom --sweep grid.json -o runs/sweep --resume
  crystal-onnx train mp.jsonl.gz --target e_form --unit eV/atom --preset mp --dry-run
  crystal-onnx train part-*.jsonl.gz more/ --target e_form --unit eV/atom -o runs/all`,
    )
    .action(run)
  for (const { option } of FLAGS) command.addOption(option)
  return command
}

async function run(named: readonly string[], options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  refuseSmallAddressSpace()
  checkTargets(options, command)
  const architecture = await chosenNetwork(options, '--model', options.model, command)
  const { preset } = await import('../training/options.ts')
  const { memberFolder, runPaths } = await import('../training/run-folder.ts')
  const { standingOf } = await import('../training/standing.ts')
  const { trainingProgress } = await import('../training/progress.ts')
  const { writeEnsembleReport, writeReport } = await import('../training/report.ts')
  const { output: runFolder = `runs/${folderName(options.target.join('-'))}`, resume } = options
  const chosen = preset(options.preset, architecture)
  const overrides = given({
    epochs: options.epochs,
    swa_epochs: options.swaEpochs,
    batch_size: options.batchSize,
    accumulate: options.accumulate,
    learning_rate: options.learningRate,
    patience: options.patience,
    seed: options.seed,
    radius: options.cutoff,
    leave_out_chemistry: options.leaveOutChemistry,
  })
  const hyperparameters = {
    ...(options.config === undefined ? {} : await readConfigFile(options.config)),
    ...given({ architecture }),
    ...given(Object.fromEntries(FLAGS.map(({ key, option }) => [key, options[option.attributeName()]]))),
  }

  const networks = options.ensemble ?? options.folds
  const points = options.sweep === undefined ? undefined : await pointsOf(options.sweep)
  const folders = points
    ? points.map(({ name }) => `${runFolder}/${name}`)
    : networks === undefined
      ? [runFolder]
      : Array.from({ length: networks }, (_, n) => memberFolder(runFolder, n))
  const isNew = await Promise.all(
    folders.map(async (folder) => !resume || (await standingOf(folder)) === 'new'),
  )
  // A run that has begun has its settings; those that are given are compared with them. In a sweep all are given.
  const begun = !isNew[0] && !points
  const base = begun ? presetGiven(chosen, command) : chosen
  const from =
    options.from !== undefined && isNew.includes(true) ? await startingPoint(options.from, output) : undefined
  const settings = {
    // The network to start from, not the preset, says what network it is.
    config: { ...(from ?? (options.from === undefined ? base : undefined))?.config, ...hyperparameters },
    options: { ...base?.options, ...overrides },
  }
  if (options.dryRun) {
    for (const point of points ?? [undefined]) await printPlan(settings, options, output, point)
    return
  }

  const { paths, title, inputs } = await dataOf(named, options, command)
  const read = [...inputs, options.config, options.sweep]
  if (from)
    read.push(...(isModelFile(options.from!) ? [options.from] : Object.values(runPaths(options.from!))))
  for (const folder of [runFolder, ...folders]) await checkRunFolder(folder, read)

  const crystals = await readAndLook(paths, title, options, output)
  // The first signal ends the run after the current step, the second at once.
  const signal = firstSignal('interrupted; go on with --resume', () =>
    output.note('\nstopping after this step; go on with --resume'),
  )
  const progress = trainingProgress()
  const trainingRun: TrainingRun = {
    ...settings,
    data: { name: title, crystals },
    targets: options.target.map((name, t) => ({
      name,
      unit: options.unit[t],
      transform: options.transform[t],
    })),
    runFolder,
    resume,
    from,
    keepHead: options.keepHead,
    backend: options.backend,
    threads: options.threads,
    signal,
    onEvent: (event) => {
      progress(event)
      if (event.type === 'epoch' && !points) output.line(event.metrics)
    },
  }
  if (points) return runSweep(trainingRun, points, output).finally(progress.stop)
  if (networks !== undefined) {
    const { trainEnsemble } = await import('../training/ensemble.ts')
    const ensemble = await trainEnsemble(trainingRun, networks, options.folds).finally(progress.stop)
    for (const member of ensemble.members) await writeReport(member.runFolder)
    await writeEnsembleReport(runFolder, ensemble)
    return printEnsemble(runFolder, ensemble, output)
  }
  const { train } = await import('../training/run.ts')
  const result = await train(trainingRun).finally(progress.stop)
  await writeReport(runFolder)
  await printResult(result, output)
}

/** The network to start from, of a run folder or of a finished file. */
async function startingPoint(path: string, output: Output): Promise<StartingPoint> {
  if (isModelFile(path)) {
    const { readModel } = await import('../../runtimes/node/source.ts')
    const { trainedFile } = await import('../../runtimes/trained-file.ts')
    const { configure } = await import('../../models/registry.ts')
    const { bytes, file } = await readModel(path)
    const trained = await trainedFile(bytes, file)
    return { ...trained, config: configure(trained.config) }
  }
  const { readRun } = await import('../training/read-run.ts')
  const run = await readRun(path)
  for (const remark of run.remarks) output.warn(remark)
  return run
}

/** Ends with what is wrong about targets, their units, and what is kept of what. */
function checkTargets({ target, unit, from, keepHead }: Options, command: Command): void {
  if (keepHead && from === undefined)
    command.error('error: --keep-head is for a network to start from (--from)')
  const twice = target.find((name, n) => target.indexOf(name) !== n)
  if (twice !== undefined) command.error(`error: option '--target': ${twice} stands there twice`)
  if (unit.length > target.length) {
    command.error(`error: option '--unit': ${unit.length} units for ${target.length} targets`)
  }
}

/** What would train, where, and why there. */
async function printPlan(
  settings: Required<Pick<TrainingRun, 'config' | 'options'>>,
  { backend, threads }: Options,
  output: Output,
  point: SweepPoint | undefined,
): Promise<void> {
  const { planTraining } = await import('../training/plan.ts')
  const { settingsAt } = await import('../training/sweep.ts')
  const plan = await planTraining(point ? settingsAt(settings, point) : settings, { backend, threads })
  output.line({ ...(point && { point: point.name }), ...plan })
  if (point) output.text(point.name)
  for (const { name, why } of plan.passed_over) output.text(`not ${name}: ${why}`)
  const batch = plan.accumulate > 1 ? `${plan.batch_size} × ${plan.accumulate}` : plan.batch_size
  output.text(
    `${plan.backend}: ${plan.reason}${plan.threads > 1 ? `, ${plan.threads} threads` : ''}\n` +
      `${plan.architecture} with ${plan.parameters.toLocaleString('en')} parameters, ${plan.epochs} epochs in batches of ${batch}`,
  )
}

/** Opens the data, and says in a line or two what they hold and what in them would spoil the training. */
async function readAndLook(
  paths: readonly string[],
  title: string,
  options: Options,
  output: Output,
): Promise<Crystals> {
  const { primitive, target: targets } = options
  const crystals = await openWithBar('read', paths, { primitive, target: targets })
  const { length, unlabelled } = crystals
  if (unlabelled > 0) {
    output.warn(
      `${unlabelled} of ${unlabelled + length} crystals have no ${targets.join(' or ')} and are left out`,
    )
  }
  for (const name of targets) {
    const missing = crystals.valuesOf(name).filter(Number.isNaN).length
    if (missing === 0) continue
    output.note(`${missing} of ${length} crystals have no ${name}, and teach the other targets alone`)
  }
  const { every, description, problems } = await look(crystals, targets)
  output.note(`${title}: ${description}`)
  for (const message of problems) output.warn(message)
  const [first, another] = paths
  const command = `crystal-onnx data check ${another === undefined ? quoted(first) : 'FILE, one after the other'}`
  if (every > 1) {
    output.note(`faults were looked for in one of ${every} crystals; in all of them: ${command}`)
  } else if (problems.length > 0) output.note(`which ones: ${command}`)
  return crystals
}

/** Crystals that faults are looked for in: a kilobyte and a tenth of a millisecond each. */
const LOOKED_AT = 50_000

async function look(crystals: Crystals, targets: readonly string[]) {
  const { lookAtData } = await import('../data/check/look.ts')
  const { lookBeside } = await import('../data/stored/look-beside.ts')
  const { ELEMENT_TABLE } = await import('../../models/elements.ts')
  const every = Math.ceil(crystals.length / LOOKED_AT)
  const options = { targets, elements: ELEMENT_TABLE, every }
  return crystals.remembered(`a look at ${JSON.stringify([targets, every])} by ${VERSION}`, async () => {
    const { index } = crystals
    const found = index && (await lookBeside({ place: index, options }))
    return { every, ...(found ?? (await endedBySystem(() => lookAtData(crystals, options)))) }
  })
}

/** Of a preset that was named for a run that has begun, what it must have been started with: any seed. */
function presetGiven({ config, options }: ReturnType<typeof preset>, command: Command) {
  if (command.getOptionValueSource('preset') !== 'cli') return undefined
  const { seed: _, ...schedule } = options
  return { config, options: schedule }
}

/** Without what was not given, so that presets and resumed settings stay as they are. */
function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
