// `npm run bench -- growth`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchGrowth } from '../growth.ts'
import { benchCommand, MACHINE } from './command.ts'

export const growthCommand = benchCommand('growth', 'time an atom in cells of growing size, on both engines')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--largest <atoms>', 'leave out larger cells', positiveInteger, 20_000)
  .action(async (options: { passes: number; largest: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const results = await benchGrowth(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.text(
      `µs of processor time an atom, tables and run, one thread, and × the smallest cell; medians of ${options.passes} passes`,
    )
    output.table(
      ['network', 'engine', ...results[0].cells.map(({ atoms }) => `${atoms} atoms`)],
      results.map(({ network, engine, cells }) => [
        ...[network, engine],
        ...cells.map(({ us_per_atom: us, ratio }) =>
          us === undefined ? 'too large' : `${us.toFixed(0)} (${ratio!.toFixed(2)})`,
        ),
      ]),
    )
  })
