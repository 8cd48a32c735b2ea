// `npm run accuracy -- [tasks]`: trains full-size networks on real crystals and prints the errors of the exported files.
// The results are kept in results/, of which docs/accuracy.md speaks.

import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Argument, Command } from 'commander'
import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { writeWhole } from '../../src/files.ts'
import { mean } from '../../src/math/mean.ts'
import { trainingProgress } from '../../src/training/progress.ts'
import { writeReport } from '../../src/training/report.ts'
import { needs, shared } from '../../test/shared.ts'
import { FRAMES, type FramesRow, measureFrames } from './frames.ts'
import { measure } from './run.ts'
import { chosenTasks, TASKS } from './tasks.ts'
import { measureTaught, TAUGHT, type TaughtRow } from './taught.ts'
import { measureTrust, TRUST } from './trust.ts'

const RESULTS = fileURLToPath(new URL('results', import.meta.url))

interface Options {
  data?: string
  output: string
  threads: number
  seeds: number
  epochs: number
  json?: boolean
}

async function accuracy(names: readonly string[], options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const rows: (string | number)[][] = []
  await mkdir(RESULTS, { recursive: true })
  const others: readonly string[] = [TRUST.name, TAUGHT.name, FRAMES.name]
  const tasks = names.filter((name) => !others.includes(name))
  for (const task of names.length > 0 && tasks.length === 0 ? [] : chosenTasks(tasks)) {
    const file = dataFile(task.data, options)
    output.note(`${task.name}: ${task.config.architecture}, ${task.target} of ${task.data}`)
    const folder = join(options.output, task.name)
    const result = await measure(task, file, folder, {
      threads: options.threads,
      onEvent: trainingProgress(),
    })
    if (task.members === 1) await writeReport(folder)
    await writeWhole(join(RESULTS, `${task.name}.json`), `${JSON.stringify(result, null, 2)}\n`)
    output.line(result)
    rows.push([
      task.name,
      result.network,
      result.steps * result.members,
      result.minutes.toFixed(0),
      result.val_mae.toPrecision(4),
      result.test_mae.toPrecision(4),
      result.onnx.test_mae.toPrecision(4),
      task.goal ?? '',
      task.unit,
    ])
  }
  output.table(
    ['task', 'network', 'steps', 'minutes', 'val MAE', 'test MAE', 'of the ONNX file', 'goal', 'unit'],
    rows,
  )
  if (names.length === 0 || names.includes(TRUST.name)) await trust(options, output)
  if (names.length === 0 || names.includes(TAUGHT.name)) await taught(options, output)
  // So many networks that only who asks for them gets them.
  if (names.includes(FRAMES.name)) await frames(options, output)
}

/** Frames beside each other; what there is after every run is kept. */
async function frames(options: Options, output: Output): Promise<void> {
  const folder = join(options.output, FRAMES.name)
  const settings = { threads: options.threads, onEvent: trainingProgress() }
  let rows: readonly FramesRow[] = []
  await measureFrames(
    options,
    (name) => dataFile(name, options),
    folder,
    settings,
    async (found, last) => {
      rows = found
      output.line(last)
      await writeWhole(join(RESULTS, `${FRAMES.name}.json`), `${JSON.stringify(rows, null, 2)}\n`)
    },
  )
  output.table(
    ['task', 'unit', 'network', 'parameters', 'epochs', 'seeds', 'val MAE', 'test MAE', 'ms a step'],
    rows.map((row) => [
      ...[row.task, row.unit, row.network, row.parameters, row.epochs, row.val.length],
      ...[inWords(row.val), inWords(row.test), row.ms_a_step.toFixed(0)],
    ]),
  )
}

/** What a teacher is worth; what there is after every network is kept. */
async function taught(options: Options, output: Output): Promise<void> {
  const settings = { threads: options.threads, onEvent: trainingProgress() }
  let rows: readonly TaughtRow[] = []
  const folder = join(options.output, TAUGHT.name)
  await measureTaught(dataFile(TAUGHT.data, options), folder, options.seeds, settings, async (found) => {
    rows = found
    await writeWhole(join(RESULTS, `${TAUGHT.name}.json`), `${JSON.stringify(rows, null, 2)}\n`)
  })
  for (const row of rows) output.line(row)
  output.table(
    ['network', 'teacher', 'target', 'unit', 'seeds', 'test MAE'],
    rows.map(({ network, teacher, target, unit, test }) => [
      ...[network, teacher ? 'yes' : 'no', target, unit, test.length, inWords(test)],
    ]),
  )
}

/** The mean of what several seeds gave, with the least and the largest. */
function inWords(errors: readonly number[]): string {
  const [all, least, most] = [mean(errors), Math.min(...errors), Math.max(...errors)]
  const [first, ...range] = [all, least, most].map((error) => error.toPrecision(4))
  return errors.length === 1 ? first : `${first} (${range.join(' – ')})`
}

/** @throws Error where the data is not here */
function dataFile(name: string, { data }: Options): string {
  const file = data === undefined ? shared(`data/${name}`) : join(data, name)
  if (file === undefined) throw new Error(needs(`data/${name}`))
  return file
}

/** What verdicts and intervals are worth. */
async function trust(options: Options, output: Output): Promise<void> {
  const rows = await measureTrust(dataFile(TRUST.data, options), join(options.output, TRUST.name), {
    threads: options.threads,
    onEvent: trainingProgress(),
  })
  await writeWhole(join(RESULTS, `${TRUST.name}.json`), `${JSON.stringify(rows, null, 2)}\n`)
  for (const row of rows) output.line(row)
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`
  output.table(
    [
      'members',
      'crystals',
      'n',
      'AUROC',
      'outside',
      'MAE inside',
      'outside',
      ...rows[0].coverage.map(([l]) => percent(l)),
    ],
    rows.map(({ members, crystals, n, auroc, outside, mae_inside, mae_outside, coverage }) => [
      ...[
        members,
        crystals,
        n,
        auroc.toFixed(2),
        percent(outside),
        mae_inside?.toFixed(3) ?? '',
        mae_outside?.toFixed(3) ?? '',
      ],
      ...coverage.map(([, share, half]) => `${percent(share)} ±${half.toFixed(3)}`),
    ]),
  )
}

await new Command('accuracy')
  .description('train on real crystals, export, and print the errors of the exported files')
  .addArgument(
    new Argument('[tasks...]', `all of them but ${FRAMES.name} by default`).choices(
      [...TASKS, TRUST, TAUGHT, FRAMES].map(({ name }) => name),
    ),
  )
  .option('--data <folder>', 'where the labelled crystals lie')
  .option('--output <folder>', 'for the runs; one that is there goes on where it stopped', 'runs/accuracy')
  .option('--threads <n>', 'threads that compute gradients', positiveInteger, availableParallelism())
  .option('--seeds <n>', `of ${TAUGHT.name} and ${FRAMES.name}: seeds of every network`, positiveInteger, 3)
  .option('--epochs <n>', `of ${FRAMES.name}: the budget of every network`, positiveInteger, 36)
  .option('--json', 'one JSON line per task on stdout')
  .addHelpText('after', '\nExample:\n  npm run accuracy -- e_form --threads 1')
  .action(accuracy)
  .parseAsync()
