// `evaluate m.onnx DATA --split test`: the errors of an exported model on labelled crystals, through onnxruntime.

import { Command, Option } from 'commander'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import { load } from '../../runtimes/node/load.ts'
import { SPLITS } from '../data/labelled.ts'
import { DatasetError } from '../errors.ts'
import { DATA_FORMS } from './data-input.ts'
import { deviceOption, engineOption } from './device.ts'
import { Output } from './output.ts'
import { progressBar } from './progress.ts'
import { type TallyResult, tally } from './tally.ts'

interface Options {
  split?: (typeof SPLITS)[number]
  target?: string
  dataTarget?: string
  device: DeviceChoice
  engine: EngineChoice
  json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('errors of a model on a data set')
    .argument('<model>', 'an .onnx file')
    .argument('<data>', DATA_FORMS)
    .addOption(new Option('--split <name>', 'only this split; all crystals without it').choices(SPLITS))
    .option('--target <name>', 'the target of the model to judge; all of them by default')
    .option('--data-target <name>', 'what the data calls it, where that is another name')
    .addOption(deviceOption())
    .addOption(engineOption())
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  crystal-onnx evaluate model.onnx ionic.jsonl.gz --split test --json')
    .action(evaluate)
}

async function evaluate(modelFile: string, dataFile: string, options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const { loadDataset } = await import('../data/dataset.ts')
  const model = await load(modelFile, {
    device: options.device,
    engine: options.engine,
    onWarning: (message) => output.warn(message),
  })
  try {
    const columns = columnsOf(model.card.targets, options)
    let unlabelled = 0
    const crystals = await loadDataset(dataFile, {
      target: columns.map(({ inData }) => inData),
      split: options.split,
      onUnlabelled: () => unlabelled++,
    })
    if (unlabelled > 0) {
      const names = columns.map(({ inData }) => inData).join(' or ')
      output.warn(
        `${unlabelled} of ${unlabelled + crystals.length} crystals have no ${names} and are left out`,
      )
    }
    const bar = progressBar('evaluate', crystals.length)
    const tallies = columns.map(({ column }) => tally(column))
    for await (const outcome of model.predictMany(crystals.map((c) => c.structure))) {
      const { id, targets } = crystals[outcome.index]
      bar.update(outcome.index + 1)
      if (outcome.error) {
        output.fail({ file: dataFile, index: outcome.index }, outcome.error)
        output.note(`  (crystal "${id}")`)
        continue
      }
      for (const [c, { inData }] of columns.entries()) {
        const actual = targets[inData]
        if (actual !== undefined) tallies[c].add(outcome, actual)
      }
    }
    bar.stop()
    const results = columns.flatMap(({ name, unit }, c) => {
      const result = tallies[c].result()
      return result ? { name, unit, ...result } : []
    })
    if (results.length > 0) {
      const { device, deviceReport: device_report } = model
      for (const { name, ...result } of results) {
        output.line({ ...result, target: name, split: options.split ?? null, device, device_report })
      }
      output.table(
        ['target', 'crystals', 'MAE', 'RMSE', 'unit'],
        results.map(({ name, n, mae, rmse, unit }) => [name, n, figure(mae), figure(rmse), unit]),
      )
      output.table(
        ['target', 'outside', 'MAE inside', 'MAE outside', 'in the interval', 'of', 'half its width', 'unit'],
        results.flatMap(trustRow),
      )
    }
    process.exitCode = output.exitCode()
  } finally {
    await model.dispose()
  }
}

/** What the domain of a model is worth on these crystals; nothing where it has none. */
function trustRow({
  name,
  unit,
  domain,
  interval,
}: TallyResult & { name: string; unit: string }): string[][] {
  if (!domain) return []
  const { outside, mae_inside, mae_outside } = domain
  return [
    [
      ...[name, percent(outside), figure(mae_inside), figure(mae_outside)],
      ...(interval
        ? [percent(interval.coverage), percent(interval.level), figure(interval.half_width)]
        : ['', '', '']),
      unit,
    ],
  ]
}

function figure(x: number | null): string {
  return x === null ? '' : x.toPrecision(4)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}

interface Column {
  readonly column: number
  readonly name: string
  readonly unit: string
  /** What the data calls it. */
  readonly inData: string
}

/** The output columns to judge: the one that is asked for, or all. @throws DatasetError for what the model does not predict */
function columnsOf(
  targets: readonly { name: string; unit: string }[],
  { target, dataTarget }: Pick<Options, 'target' | 'dataTarget'>,
): Column[] {
  const columns = targets
    .map(({ name, unit }, column) => ({ column, name, unit, inData: dataTarget ?? name }))
    .filter(({ name }) => target === undefined || name === target)
  const names = targets.map(({ name }) => name).join(', ')
  if (columns.length === 0) {
    throw new DatasetError(
      `the model does not predict ${target}, but ${names}; where the data calls that ${target}, say --data-target ${target}`,
    )
  }
  if (dataTarget !== undefined && columns.length > 1) {
    throw new DatasetError(`--data-target ${dataTarget}: say with --target which of ${names} it is`)
  }
  return columns
}
