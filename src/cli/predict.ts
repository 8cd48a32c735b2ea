// `predict FILES… --model m.onnx`: one prediction per structure, in the order of the files. A file that cannot be read
// or a crystal that cannot be predicted is reported, and the rest is predicted.

import { Command, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import type { Card } from '../../runtimes/card.ts'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Structure } from '../crystal/structure.ts'
import { endsOf } from '../domain/ends.ts'
import { DEFAULT_LEVEL } from '../domain/levels.ts'
import { DomainError } from '../errors.ts'
import { answers, type Place } from './answers.ts'
import { deviceOption, engineOption } from './device.ts'
import { type InputOptions, inputFiles, structureInput } from './inputs.ts'
import { levelOption } from './level-option.ts'
import { modelOption, remarkDefault } from './model-option.ts'
import { errorLine, Output } from './output.ts'
import { progressBar } from './progress.ts'
import { stdout } from './standard-streams.ts'

interface Options extends InputOptions {
  model: string
  device: DeviceChoice
  engine: EngineChoice
  strict?: boolean
  level: number
  csv?: boolean
  json?: boolean
}

const COLUMNS = [
  ...['file', 'index', 'formula', 'property', 'value', 'unit', 'low', 'high', 'domain', 'score', 'reasons'],
  ...['spread', 'device', 'ms', 'error'],
]

export function predictCommand(): Command {
  return structureInput(new Command('predict'))
    .description('predict the property of every structure in the files')
    .addOption(modelOption())
    .addOption(deviceOption())
    .addOption(engineOption())
    .option('--strict', 'a crystal outside of the domain of the model is a failed input')
    .addOption(
      new Option('--level <p>', 'probability that the interval holds the true value, 0.5 to 0.95')
        .argParser(levelOption)
        .default(DEFAULT_LEVEL),
    )
    .addOption(new Option('--csv', 'comma-separated values on stdout').conflicts('json'))
    .option('--json', 'JSON lines on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx predict NaCl.cif POSCAR
  crystal-onnx predict NaCl.cif POSCAR --model band-gap
  crystal-onnx predict trajectory.extxyz -m model.onnx --csv > energies.csv
  crystal-onnx predict - -m model.onnx --json < frames.extxyz.gz
  crystal-onnx predict --files-from list.txt -m model.onnx
  crystal-onnx predict *.cif -m model.onnx --device cuda,cpu
  crystal-onnx predict *.cif -m model.onnx --strict --level 0.95
  crystal-onnx predict *.cif -m model.onnx --json | jq 'select(.error)'`,
    )
    .action(predict)
}

async function predict(named: string[], options: Options, command: Command): Promise<void> {
  const files = await inputFiles(named, options, command)
  const output = new Output(options.json ?? false)
  remarkDefault(command, output)
  const model = await load(options.model, {
    device: options.device,
    engine: options.engine,
    onWarning: (message) => output.warn(message),
  })
  const printer = options.csv ? csvPrinter(model, output) : linePrinter(model, output)
  const bar = progressBar('predict')
  const { level, strict } = options
  try {
    remark(model.card, options, output)
    let done = 0
    const ask = (structures: AsyncIterable<Structure>) => model.predictMany(structures, { level })
    for await (const { place, result, error } of answers(files, output, ask)) {
      const refused = result && strict ? outside(result) : undefined
      if (result && !refused) printer.line(place, result)
      else printer.fail(place, refused ?? error)
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

/** What holds for all predictions of a model. @throws DomainError where --strict has nothing to go by */
function remark({ domain, demonstration }: Card, { model, strict }: Options, output: Output): void {
  if (demonstration) output.warn(`${model} is a demonstration: what it predicts is of no use elsewhere`)
  if (domain || !strict) return
  throw new DomainError(
    `${model} does not know its domain, so that nothing could be refused: export it again with --domain DATA, or predict ` +
      'without --strict',
  )
}

function outside({ domain }: Prediction): DomainError | undefined {
  if (!domain || domain.inside) return undefined
  return new DomainError(
    `outside of the domain of the model (score ${domain.score.toPrecision(3)}): ${domain.reasons.join('; ')}`,
  )
}

interface Printer {
  line(place: Place, prediction: Prediction): void
  fail(place: Place, error: unknown): void
  end(): void
}

function linePrinter(model: Model, output: Output): Printer {
  const rows: (string | number)[][] = []
  const { targets } = model.card
  return {
    line(
      { file, index, formula },
      { property, values, unit, domain, interval, members, spread, device, ms },
    ) {
      const { deviceReport: device_report, engine } = model
      output.line({
        ...{ file, index, property, value: values, unit, domain, interval },
        ...(spread && { spread, members }),
        ...{ device, engine, device_report, ms: round(ms) },
      })
      // Of lines there may be any number: nothing is kept of them.
      if (output.json) return
      const shown = values.map((value, t) => {
        const ends = endsOf(interval, t)
        if (!ends) return shownValue(value, targets[t])
        const [low, high] = ends.map((end) => shownValue(end, targets[t]))
        // Of what a logarithm was learned of, the two ends are not as far away.
        if (targets[t].transform) return `${shownValue(value, targets[t])} (${low} to ${high})`
        return `${value.toFixed(4)} ± ${(ends[1] - value).toFixed(4)}`
      })
      rows.push([file, index, formula ?? '', ...shown, unit, inWords(domain), ms.toFixed(1)])
    },
    fail: ({ file, index }, error) => output.fail({ file, index }, error),
    end: () => {
      output.table(['file', '#', 'formula', ...targets.map(({ name }) => name), 'unit', 'domain', 'ms'], rows)
    },
  }
}

function csvPrinter(model: Model, output: Output): Printer {
  const write = (row: unknown[]) => stdout.write(stringify([row], { escape_formulas: true }))
  write(COLUMNS)
  return {
    line({ file, index, formula }, { values, domain, interval, spread, device, ms }) {
      output.succeed()
      const { reasons = [], score = '' } = domain ?? {}
      const trust = [verdict(domain), score, reasons.join('; ')]
      for (const [t, { name, unit }] of model.card.targets.entries()) {
        const ends = endsOf(interval, t) ?? ['', '']
        const of = [name, values[t], unit, ...ends, ...trust, spread?.[t] ?? '']
        write([file, index, formula, ...of, device, round(ms), ''])
      }
    },
    fail({ file, index }, error) {
      output.fail({ file, index }, error)
      write([file, index, ...COLUMNS.slice(2, -1).map(() => ''), errorLine(error).message])
    },
    end() {},
  }
}

/** A quantity over orders of magnitude has as many digits at all of them. */
function shownValue(value: number, { transform }: Card['targets'][number]): string {
  return transform ? value.toPrecision(4) : value.toFixed(4)
}

/** In a word. */
function verdict(domain: Prediction['domain']): string {
  if (!domain) return 'unknown'
  return domain.inside ? 'inside' : 'outside'
}

/** With the first reason. */
function inWords(domain: Prediction['domain']): string {
  return [verdict(domain), ...(domain?.reasons.slice(0, 1) ?? [])].join(': ')
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
