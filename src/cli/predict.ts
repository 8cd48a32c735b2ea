// `predict FILES… --model m.onnx`: one prediction per structure, in the order of the files. A file that cannot be read
// or a crystal that cannot be predicted is reported, and the rest is predicted.

import { Command, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { load, type Model, NODE_DEVICES, type Prediction } from '../../runtimes/index.ts'
import type { Structure } from '../crystal/index.ts'
import { readInputs } from './inputs.ts'
import { errorLine, Output } from './output.ts'
import { progressBar } from './progress.ts'

interface Options {
  model: string
  device: (typeof NODE_DEVICES)[number] | 'auto'
  csv?: boolean
  json?: boolean
}

const COLUMNS = ['file', 'index', 'formula', 'property', 'value', 'unit', 'device', 'ms', 'error']

export function predictCommand(): Command {
  return new Command('predict')
    .description('predict the property of every structure in the files')
    .argument(
      '<files...>',
      'structure files: CIF, POSCAR, extXYZ, pymatgen, JARVIS or OPTIMADE JSON, JSON lines',
    )
    .requiredOption('-m, --model <file>', 'an .onnx file written by export')
    .addOption(
      new Option('--device <device>', 'where to run').choices([...NODE_DEVICES, 'auto']).default('auto'),
    )
    .addOption(new Option('--csv', 'comma-separated values on stdout').conflicts('json'))
    .option('--json', 'JSON lines on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx predict NaCl.cif POSCAR --model formation-energy.onnx
  crystal-onnx predict trajectory.extxyz -m model.onnx --csv > energies.csv
  crystal-onnx predict *.cif -m model.onnx --json | jq 'select(.error)'`,
    )
    .action(predict)
}

/** Where a structure came from; with `error` when there is none to predict. */
interface Place {
  readonly file: string
  readonly index?: number
  readonly formula?: string
  readonly error?: unknown
}

async function predict(files: string[], options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const { formula } = await import('../crystal/index.ts')
  const model = await load(options.model, { device: options.device })
  const printer = options.csv ? csvPrinter(model, output) : linePrinter(model, output)
  try {
    // Read ahead of the predictions, in the order of the files, so that lines come out in that order.
    const pending: Place[] = []
    const bar = progressBar('predict')
    async function* structures(): AsyncGenerator<Structure> {
      for await (const { file, index, structure, warnings, error } of readInputs(files)) {
        for (const warning of warnings) output.warn(`${file}: ${warning}`)
        pending.push({ file, index, ...(structure ? { formula: formula(structure) } : { error }) })
        if (structure) yield structure
      }
    }
    function flushFailures(): void {
      while (pending.length > 0 && pending[0].error !== undefined) {
        const place = pending.shift()!
        printer.fail(place, place.error)
      }
    }
    for await (const outcome of model.predictMany(structures())) {
      flushFailures()
      const place = pending.shift()!
      if (outcome.error) printer.fail(place, outcome.error)
      else printer.line(place, outcome)
      bar.update(outcome.index + 1)
    }
    flushFailures()
    bar.stop()
    printer.end()
    if (model.device !== options.device) output.note(`device: ${model.deviceReport}`)
    process.exitCode = output.exitCode()
  } finally {
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
      output.line({ file, index, property, value: values, unit, device, ms: round(ms) })
      const shown = values.map((v) => v.toFixed(4))
      rows.push([file, index ?? 0, formula ?? '', ...shown, unit, ms.toFixed(1)])
    },
    fail: ({ file, index }, error) => output.fail({ file, ...(index === undefined ? {} : { index }) }, error),
    end: () =>
      output.table(['file', '#', 'formula', ...model.card.targets.map((t) => t.name), 'unit', 'ms'], rows),
  }
}

function csvPrinter(model: Model, output: Output): Printer {
  const write = (row: unknown[]) => process.stdout.write(stringify([row], { escape_formulas: true }))
  write(COLUMNS)
  return {
    line({ file, index, formula }, { values, device, ms }) {
      output.line({})
      model.card.targets.forEach(({ name, unit }, t) => {
        write([file, index, formula, name, values[t], unit, device, round(ms), ''])
      })
    },
    fail({ file, index }, error) {
      output.fail({ file, index }, error)
      write([file, index ?? '', '', '', '', '', '', '', errorLine(error).message])
    },
    end() {},
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
