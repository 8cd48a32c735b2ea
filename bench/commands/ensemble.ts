// `npm run bench -- ensemble`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchEnsemble } from '../ensemble.ts'
import { benchCommand, MACHINE } from './command.ts'

export const ensembleCommand = benchCommand(
  'ensemble',
  'time the members of an ensemble in one file beside one network',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--members <n>', 'how many', positiveInteger, 5)
  .action(async (options: { passes: number; members: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const results = await benchEnsemble(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.table(
      ['engine', 'mix', 'members', 'one, µs/atom', 'all, µs/atom', 'a member × one', 'file, × one'],
      results.map((r) => [
        ...[r.engine, r.mix, r.members, r.one_us_per_atom.toFixed(0), r.all_us_per_atom.toFixed(0)],
        ...[r.share.toFixed(2), (r.bytes.all / r.bytes.one).toFixed(2)],
      ]),
    )
  })
