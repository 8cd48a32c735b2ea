// `screen IN… -o OUT`: predictions of any number of crystals into a folder of parts, which can be ended at any moment and gone
// on with, and divided among machines. `--stdio` is the same for one crystal after the other, for engines that start workers.

import { Command, InvalidArgumentError, Option } from 'commander'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import { DEFAULT_LEVEL } from '../domain/levels.ts'
import { CODECS, type Codec } from '../parquet/write.ts'
import type { ScreenProgress, ScreenResult } from '../screen/screen.ts'
import { FORMATS, type Format } from '../screen/sink.ts'
import { deviceOption, engineOption } from './device.ts'
import { EXIT } from './exit.ts'
import { inputFiles } from './inputs.ts'
import { levelOption } from './level-option.ts'
import { modelOption, remarkDefault } from './model-option.ts'
import { LIMITS, whole } from './options.ts'
import { Output } from './output.ts'
import { rateProgress } from './rate-progress.ts'
import { firstSignal } from './signals.ts'
import { stdout } from './standard-streams.ts'

interface Options {
  filesFrom?: string
  output?: string
  model: string
  device: DeviceChoice
  engine: EngineChoice
  shard?: { i: number; n: number }
  workers?: number
  columns?: string[]
  format: Format
  codec: Codec
  rows: number
  id?: string
  filter?: string
  level: number
  top: number
  highest?: boolean
  stdio?: boolean
  json?: boolean
}

export function screenCommand(): Command {
  return new Command('screen')
    .description('predictions of any number of crystals, into a folder of parts that can be gone on with')
    .argument(
      '[inputs...]',
      'Parquet, JSON lines, extended XYZ, any other structure files, archives, folders of them, or -',
    )
    .option('--files-from <list>', 'a text file with the name of a file a line, - for standard input')
    .option('-o, --output <folder>', 'for the parts, the manifest and the summary')
    .addOption(modelOption())
    .addOption(
      new Option('--shard <i/n>', 'do every n-th piece of the inputs, from the i-th on').argParser(shard),
    )
    .option('--workers <n>', 'cores to use (all that there are)', whole(LIMITS.threads))
    .addOption(
      new Option(
        '--columns <names>',
        'columns of the parts, with commas; also lattice, frac, numbers',
      ).argParser((text) => text.split(',').map((name) => name.trim())),
    )
    .addOption(new Option('--format <format>', 'of the parts').choices(FORMATS).default('parquet'))
    .addOption(new Option('--codec <codec>', 'how Parquet is packed').choices(CODECS).default('snappy'))
    .option('--rows <n>', 'crystals of a part', whole(LIMITS.crystals), 10_000)
    .option(
      '--id <column>',
      'the column, field or key of the inputs that names a crystal, instead of file#index',
    )
    .option(
      '--filter <condition>',
      "which rows are kept, such as 'value < 0.05 && domain'; failures always are",
    )
    .addOption(
      new Option('--level <p>', 'probability that the interval holds the true value, 0.5 to 0.95')
        .argParser(levelOption)
        .default(DEFAULT_LEVEL),
    )
    .option('--top <k>', 'how many of the best are listed in the summary', whole(LIMITS.best), 100)
    .option('--highest', 'the best are the highest values, not the lowest')
    .addOption(deviceOption())
    .addOption(engineOption())
    .addOption(
      new Option(
        '--stdio',
        'crystals as JSON lines on standard input, answers in their order on standard output',
      ).conflicts([
        'output',
        'shard',
        'columns',
        'format',
        'codec',
        'rows',
        'id',
        'filter',
        'top',
        'highest',
      ]),
    )
    .option('--json', 'JSON lines on stdout: one a part, then the result')
    .addHelpText(
      'after',
      `
The same command goes on where it was ended, by whatever; parts that are finished are passed over. Exit code 3: some
crystals failed; their rows have error_code and error.

Examples:
  crystal-onnx screen candidates.parquet -o out --id material_id
  crystal-onnx screen *.jsonl folder/ frames.extxyz.gz -o out -m band-gap --filter 'value > 1 && value < 2 && domain'
  crystal-onnx screen *.parquet -o out --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
  crystal-onnx screen *.parquet -o out --columns id,value,domain,lattice,frac,numbers --format jsonl
  crystal-onnx query out "from results" -o all.parquet
  echo '{"id": 1, "structure": {"lattice": …, "frac": …, "numbers": …}}' | crystal-onnx screen --stdio`,
    )
    .action(screen)
}

function shard(text: string): { i: number; n: number } {
  const [i, n] = (/^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? []).slice(1).map(Number)
  if (i >= 1 && i <= n) return { i, n }
  throw new InvalidArgumentError('expected i/n, from 1/n to n/n, such as 3/16.')
}

async function screen(named: string[], options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  if (options.stdio) return overStandardStreams(named, options, command, output)
  const inputs = await inputFiles(named, options, command)
  if (options.output === undefined)
    command.error("error: required option '-o, --output <folder>' not specified")
  if (
    options.columns &&
    !options.columns.includes('value') &&
    command.getOptionValueSource('top') === 'cli'
  ) {
    command.error("error: option '--top' needs the column value: add it to --columns")
  }
  remarkDefault(command, output)
  const { screen } = await import('../screen/screen.ts')
  const progress = rateProgress('screen')
  try {
    const result = await screen({
      ...options,
      ...{ inputs, folder: options.output, id: options.id, columns: options.columns, filter: options.filter },
      highest: options.highest ?? false,
      interruptible: () =>
        firstSignal(`${options.output}: ended before it was done; the same command goes on`),
      onWarning: (message) => output.warn(message),
      onProgress: (state: ScreenProgress) => progress.update(state),
      onPart: (record) => {
        if (output.json) stdout.write(`${JSON.stringify(record)}\n`)
      },
    })
    progress.stop()
    report(result, options, output)
  } finally {
    progress.stop()
  }
}

async function overStandardStreams(
  named: readonly string[],
  { model: file, device, engine, workers: threads, level }: Options,
  command: Command,
  output: Output,
): Promise<void> {
  if (named.length > 0) command.error('error: --stdio reads standard input and takes no files')
  const [{ load }, { answerLines }] = await Promise.all([
    import('../../runtimes/node/load.ts'),
    import('../screen/stdio.ts'),
  ])
  remarkDefault(command, output)
  const onWarning = (message: string) => output.warn(message)
  const model = await load(file, { device, engine, threads, onWarning })
  try {
    for await (const line of answerLines(model, process.stdin, level)) {
      stdout.write(`${JSON.stringify(line)}\n`)
      await stdout.drained()
    }
  } finally {
    await model.dispose()
  }
}

function report(result: ScreenResult, { output: folder, shard, top }: Options, output: Output): void {
  const { read, rows, failed, parts, skipped, summary } = result
  const { values, errors, outside, files } = summary ?? {}
  const counts = {
    out: folder,
    crystals: read,
    rows,
    failed,
    parts,
    skipped,
    ...(shard && { shard: `${shard.i}/${shard.n}` }),
  }
  if (output.json) {
    stdout.write(
      `${JSON.stringify({ ...counts, summary: summary ? { values, errors, outside, files } : null })}\n`,
    )
  }
  const before = skipped > 0 ? `, ${skipped} of them finished before` : ''
  output.text(`${folder}: ${read} crystals in ${parts} parts${before}; ${failed} failed, ${rows} rows`)
  if (summary?.values && top > 0) output.text(`summary and best: ${summary.files.join(', ')}`)
  if (!summary) output.text('other shards are not finished; the last one writes the summary')
  if (failed > 0) process.exitCode = failed === read ? EXIT.failed : EXIT.partial
}
