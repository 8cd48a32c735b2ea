// `evaluate m.onnx DATA --split test`: the errors of an exported model on labelled crystals, through onnxruntime.

import { Command, Option } from 'commander'
import { type DeviceChoice, load } from '../../runtimes/index.ts'
import { SPLITS } from '../data/index.ts'
import { DatasetError } from '../errors.ts'
import { DATA_FORMS } from './data-input.ts'
import { deviceOption } from './device.ts'
import { Output } from './output.ts'
import { progressBar } from './progress.ts'

interface Options {
  split?: (typeof SPLITS)[number]
  target?: string
  device: DeviceChoice
  json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('errors of a model on a data set')
    .argument('<model>', 'an .onnx file')
    .argument('<data>', DATA_FORMS)
    .addOption(new Option('--split <name>', 'only this split; all crystals without it').choices(SPLITS))
    .option('--target <name>', "the target to compare with (the card's property by default)")
    .addOption(deviceOption())
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  crystal-onnx evaluate model.onnx ionic.jsonl.gz --split test --json')
    .action(evaluate)
}

async function evaluate(modelFile: string, dataFile: string, options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const { loadDataset } = await import('../data/index.ts')
  const model = await load(modelFile, {
    device: options.device,
    onWarning: (message) => output.warn(message),
  })
  try {
    const column = targetColumn(model.card.targets, options.target)
    const { unit } = model.card.targets[column]
    const name = options.target ?? model.card.targets[column].name
    const crystals = await loadDataset(dataFile, { target: name, split: options.split })
    if (crystals.length === 0) {
      throw new DatasetError(
        `${dataFile}: no crystal of split "${options.split ?? 'any'}" has a target "${name}"`,
      )
    }
    const bar = progressBar('evaluate', crystals.length)
    let n = 0
    let absolute = 0
    let squared = 0
    for await (const outcome of model.predictMany(crystals.map((c) => c.structure))) {
      const { id, targets } = crystals[outcome.index]
      bar.update(outcome.index + 1)
      if (outcome.error) {
        output.fail({ file: dataFile, index: outcome.index }, outcome.error)
        output.note(`  (crystal "${id}")`)
        continue
      }
      const error = outcome.values[column] - targets[name]
      n++
      absolute += Math.abs(error)
      squared += error * error
    }
    bar.stop()
    if (n > 0) {
      const result = { n, mae: absolute / n, rmse: Math.sqrt(squared / n), unit }
      const { device, deviceReport: device_report } = model
      output.line({ ...result, target: name, split: options.split ?? null, device, device_report })
      output.table(
        ['crystals', 'MAE', 'RMSE', 'unit'],
        [[n, result.mae.toPrecision(4), result.rmse.toPrecision(4), unit]],
      )
    }
    process.exitCode = output.exitCode()
  } finally {
    await model.dispose()
  }
}

/** The output column of a target: by name, or the only one. */
function targetColumn(targets: readonly { name: string }[], name: string | undefined): number {
  if (name === undefined || targets.length === 1) return 0
  const column = targets.findIndex((t) => t.name === name)
  if (column < 0) {
    throw new DatasetError(
      `the model has no target "${name}"; it has: ${targets.map((t) => t.name).join(', ')}`,
    )
  }
  return column
}
