// `npm run bench -- idle`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchIdle } from '../idle.ts'
import { benchCommand, MACHINE } from './command.ts'

const SECONDS = [0, 1, 10, 60]

export const idleCommand = benchCommand('idle', 'time a prediction after the process has sat idle')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--longest <seconds>', 'leave out longer idling', positiveInteger, 60)
  .action(async (options: { passes: number; longest: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const seconds = SECONDS.filter((s) => s <= options.longest)
    const results = await benchIdle({ passes: options.passes, seconds }, (message) =>
      output.note(`… ${message}`),
    )
    output.line({ ...MACHINE, results })
    output.text(
      `µs of one prediction of rock salt, and × without idling; medians of ${options.passes} passes`,
    )
    output.table(
      ['in', ...seconds.map((s) => `after ${s} s`)],
      [...new Set(results.map(({ place }) => place))].map((place) => [
        place,
        ...results
          .filter((row) => row.place === place)
          .map(({ us, ratio }) => `${us.toFixed(0)} (${ratio.toFixed(2)})`),
      ]),
    )
  })
