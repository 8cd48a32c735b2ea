// `predict FILES… --model m.onnx`: one prediction per structure, in the order of the files. A file that cannot be read
// or a crystal that cannot be predicted is reported, and the rest is predicted.

import { Command, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { answers, type Place } from './answers.ts'
import { deviceOption, engineOption } from './device.ts'
import { STRUCTURE_FILES } from './inputs.ts'
import { errorLine, Output } from './output.ts'
import { progressBar } from './progress.ts'
import { stdout } from './standard-streams.ts'

interface Options {
  model: string
  device: DeviceChoice
  engine: EngineChoice
  csv?: boolean
  json?: boolean
}

const COLUMNS = ['file', 'index', 'formula', 'property', 'value', 'unit', 'device', 'ms', 'error']

export function predictCommand(): Command {
  return new Command('predict')
    .description('predict the property of every structure in the files')
    .argument('<files...>', STRUCTURE_FILES)
    .requiredOption('-m, --model <file>', 'an .onnx file written by export')
    .addOption(deviceOption())
    .addOption(engineOption())
    .addOption(new Option('--csv', 'comma-separated values on stdout').conflicts('json'))
    .option('--json', 'JSON lines on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx predict NaCl.cif POSCAR --model formation-energy.onnx
  crystal-onnx predict trajectory.extxyz -m model.onnx --csv > energies.csv
  crystal-onnx predict *.cif -m model.onnx --device cuda,cpu
  crystal-onnx predict *.cif -m model.onnx --json | jq 'select(.error)'`,
    )
    .action(predict)
}

async function predict(files: string[], options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const model = await load(options.model, {
    device: options.device,
    engine: options.engine,
    onWarning: (message) => output.warn(message),
  })
  const printer = options.csv ? csvPrinter(model, output) : linePrinter(model, output)
  const bar = progressBar('predict')
  try {
    let done = 0
    for await (const { place, result, error } of answers(files, output, (s) => model.predictMany(s))) {
      if (result) printer.line(place, result)
      else printer.fail(place, error)
      bar.update(++done)
      await output.drained()
    }
    bar.stop()
    printer.end()
    process.exitCode = output.exitCode()
  } finally {
    bar.stop()
    await model.dispose()
  }
}

interface Printer {
  line(place: Place, prediction: Prediction): void
  fail(place: Place, error: unknown): void
  end(): void
}

function linePrinter(model: Model, output: Output): Printer {
  const rows: (string | number)[][] = []
  return {
    line({ file, index, formula }, { property, values, unit, device, ms }) {
      const { deviceReport: device_report } = model
      output.line({ file, index, property, value: values, unit, device, device_report, ms: round(ms) })
      const shown = values.map((v) => v.toFixed(4))
      rows.push([file, index, formula ?? '', ...shown, unit, ms.toFixed(1)])
    },
    fail: ({ file, index }, error) => output.fail({ file, index }, error),
    end: () =>
      output.table(['file', '#', 'formula', ...model.card.targets.map((t) => t.name), 'unit', 'ms'], rows),
  }
}

function csvPrinter(model: Model, output: Output): Printer {
  const write = (row: unknown[]) => stdout.write(stringify([row], { escape_formulas: true }))
  write(COLUMNS)
  return {
    line({ file, index, formula }, { values, device, ms }) {
      output.succeed()
      model.card.targets.forEach(({ name, unit }, t) => {
        write([file, index, formula, name, values[t], unit, device, round(ms), ''])
      })
    },
    fail({ file, index }, error) {
      output.fail({ file, index }, error)
      write([file, index, '', '', '', '', '', '', errorLine(error).message])
    },
    end() {},
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
