// `npm run bench -- cores`.

import { availableParallelism } from 'node:os'
import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchCores } from '../cores.ts'
import { benchCommand, MACHINE } from './command.ts'

export const coresCommand = benchCommand(
  'cores',
  'time predictions on one core and on several: many crystals, and one large cell',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 9)
  .option('--threads <n>', 'cores', positiveInteger, availableParallelism())
  .action(async (options: { passes: number; threads: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const results = await benchCores(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    const yardstick = (row: (typeof results)[number]) =>
      results.find(({ crystals, how }) => crystals === row.crystals && how === row.how)!
    output.table(
      ['crystals', 'how', 'threads', 'ms', 'faster', 'processor ms', 'refused'],
      results.map((r) => [
        ...[r.crystals, r.how, r.threads, r.ms.toFixed(0), `${(yardstick(r).ms / r.ms).toFixed(2)}x`],
        ...[r.cpu_ms.toFixed(0), r.refused],
      ]),
    )
  })
