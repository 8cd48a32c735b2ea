// `embed FILES… --model m.onnx`: the embedding of every structure, for use as features elsewhere. JSON lines, a table of
// comma-separated values, or a matrix that numpy reads.

import { extname } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import { load } from '../../runtimes/node/load.ts'
import { type Answer, answers } from './answers.ts'
import { deviceOption, engineOption } from './device.ts'
import { type InputOptions, inputFiles, structureInput } from './inputs.ts'
import { modelOption, remarkDefault } from './model-option.ts'
import { errorLine, Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { progressBar } from './progress.ts'
import { stdout } from './standard-streams.ts'

interface Options extends InputOptions {
  model: string
  output?: string
  device: DeviceChoice
  engine: EngineChoice
  json?: boolean
}

type Embedded = Answer<{ readonly embedding: Float32Array }>
type Format = (rows: AsyncIterable<Embedded>, columns: number) => Promise<Uint8Array> | AsyncIterable<string>

const FORMATS = new Map<string, Format>([
  ['.jsonl', jsonLines],
  ['.csv', commaSeparated],
  ['.npy', matrix],
])

export function embedCommand(): Command {
  return structureInput(new Command('embed'))
    .description('the embedding of every structure in the files, as features for use elsewhere')
    .addOption(modelOption())
    .addOption(
      new Option(
        '-o, --output <file>',
        'a .jsonl, .csv or .npy file, one row a structure; JSON lines on stdout without it',
      ).argParser(outputFile),
    )
    .addOption(deviceOption())
    .addOption(engineOption())
    .option('--json', 'one JSON object on stdout, with -o')
    .addHelpText(
      'after',
      `
A file written by export has embeddings where it knows its domain, or with --outputs embedding.

Examples:
  crystal-onnx embed NaCl.cif POSCAR --model m.onnx | jq .embedding
  crystal-onnx embed *.cif -m m.onnx -o features.npy       numpy.load('features.npy'), [structures, features]`,
    )
    .action(embed)
}

function outputFile(path: string): string {
  if (formatOf(path)) return path
  throw new InvalidArgumentError(`expected a name that ends in ${[...FORMATS.keys()].join(', ')}.`)
}

async function embed(named: string[], options: Options, command: Command): Promise<void> {
  const files = await inputFiles(named, options, command)
  const onStdout = options.output === undefined
  const output = new Output(onStdout || (options.json ?? false))
  remarkDefault(command, output)
  if (options.output !== undefined) await checkOutputFile(options.output, [options.model, ...files])
  const model = await load(options.model, {
    device: options.device,
    engine: options.engine,
    onWarning: (message) => output.warn(message),
  })
  const bar = progressBar('embed')
  let rows = 0
  async function* embedded(): AsyncGenerator<Embedded> {
    for await (const answer of answers(files, output, (s) => model.embedMany(s))) {
      bar.update(++rows)
      if (answer.error) output.fail(answer.place, answer.error)
      else if (!onStdout) output.succeed()
      yield answer
    }
  }
  try {
    const columns = Number(model.card.config.model_dim)
    if (options.output === undefined) {
      for await (const row of embedded()) {
        if (row.result) output.line(entry(row))
        await output.drained()
      }
    } else await writeRows(options.output, embedded(), columns)
    bar.stop()
    if (options.output !== undefined) {
      const summary = { file: options.output, rows, columns }
      if (output.json) stdout.write(`${JSON.stringify(summary)}\n`)
      else output.text(`${options.output}: ${rows} structures, ${columns} features`)
    }
    process.exitCode = output.exitCode()
  } finally {
    bar.stop()
    await model.dispose()
  }
}

async function writeRows(file: string, rows: AsyncIterable<Embedded>, columns: number): Promise<void> {
  const { writeWhole } = await import('../files.ts')
  await writeWhole(file, await formatOf(file)!(rows, columns))
}

/** By the ending of the name; /dev/stdout and its like have none, and take what stdout takes. */
function formatOf(path: string): Format | undefined {
  return /^\/(?:dev|proc)\//.test(path) && extname(path) === '' ? jsonLines : FORMATS.get(extname(path))
}

/** A row as JSON. */
function entry({ place: { file, index }, result, error }: Embedded): object {
  return result ? { file, index, embedding: [...result.embedding] } : { file, index, error: errorLine(error) }
}

async function* jsonLines(rows: AsyncIterable<Embedded>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(entry(row))}\n`
}

async function* commaSeparated(rows: AsyncIterable<Embedded>, columns: number): AsyncGenerator<string> {
  const write = (row: unknown[]) => stringify([row], { escape_formulas: true })
  const features = Array.from({ length: columns }, (_, c) => c)
  yield write(['file', 'index', 'formula', 'error', ...features.map((c) => `e${c}`)])
  for await (const { place, result, error } of rows) {
    const { file, index, formula = '' } = place
    const failure = error ? errorLine(error).message : ''
    yield write([file, index, formula, failure, ...features.map((c) => result?.embedding[c] ?? '')])
  }
}

/** Row n is structure n of the command line; of one that failed, not a number. */
async function matrix(rows: AsyncIterable<Embedded>, columns: number): Promise<Uint8Array> {
  const { npy } = await import('./npy.ts')
  const all: Float32Array[] = []
  for await (const { result } of rows)
    all.push(result?.embedding ?? new Float32Array(columns).fill(Number.NaN))
  return npy(all, columns)
}
