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
import { trainingProgress } from '../../src/training/progress.ts'
import { writeReport } from '../../src/training/report.ts'
import { needs, shared } from '../../test/shared.ts'
import { measure } from './run.ts'
import { chosenTasks, TASKS } from './tasks.ts'

const RESULTS = fileURLToPath(new URL('results', import.meta.url))

interface Options {
  data?: string
  output: string
  threads: number
  json?: boolean
}

async function accuracy(names: readonly string[], options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const rows: (string | number)[][] = []
  await mkdir(RESULTS, { recursive: true })
  for (const task of chosenTasks(names)) {
    const file = options.data === undefined ? shared(`data/${task.data}`) : join(options.data, task.data)
    if (file === undefined) throw new Error(needs(`data/${task.data}`))
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
}

await new Command('accuracy')
  .description('train on real crystals, export, and print the errors of the exported files')
  .addArgument(new Argument('[tasks...]', 'all of them by default').choices(TASKS.map(({ name }) => name)))
  .option('--data <folder>', 'where the labelled crystals lie')
  .option('--output <folder>', 'for the runs; one that is there goes on where it stopped', 'runs/accuracy')
  .option('--threads <n>', 'threads that compute gradients', positiveInteger, availableParallelism())
  .option('--json', 'one JSON line per task on stdout')
  .addHelpText('after', '\nExample:\n  npm run accuracy -- e_form --threads 1')
  .action(accuracy)
  .parseAsync()
