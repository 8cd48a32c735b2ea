// `npm run bench -- symmetry`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchSymmetry } from '../symmetry.ts'
import { benchCommand, MACHINE } from './command.ts'

export const symmetryCommand = benchCommand(
  'symmetry',
  'time predictions with one atom of each orbit beside predictions with all',
)
  .option('--passes <n>', 'passes over each data set; the fastest counts', positiveInteger, 10)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const results = await benchSymmetry(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.text('one thread, processor time of neighbour tables and network')
    output.table(
      [
        'network',
        'data',
        'crystals',
        'atoms',
        'all, µs/atom',
        'one of each orbit',
        'saved',
        'largest change',
      ],
      results.map((r) => [
        ...[r.network, r.data, r.crystals, r.atoms],
        ...[r.all_us_per_atom.toFixed(0), r.unique_us_per_atom.toFixed(0)],
        `${((1 - r.unique_us_per_atom / r.all_us_per_atom) * 100).toFixed(0)}%`,
        r.largest_change.toExponential(1),
      ]),
    )
  })
