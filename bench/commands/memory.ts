// `npm run bench -- memory`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchMemory } from '../memory.ts'
import { benchCommand, MACHINE } from './command.ts'

export const memoryCommand = benchCommand(
  'memory',
  'resident memory over many predictions, and over opening and disposing models',
)
  .option('--predictions <n>', 'a multiple of ten', positiveInteger, 10_000)
  .option('--cycles <n>', 'a multiple of ten', positiveInteger, 200)
  .action(async (options: { predictions: number; cycles: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const runs = await benchMemory(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, runs })
    output.table(
      ['in a process of its own', 'thread', 'resident MB at every tenth', 'end / start'],
      runs.map((r) => [
        `${r.times} ${r.what}`,
        r.worker ? 'worker' : 'calling',
        r.megabytes.map((mb) => mb.toFixed(0)).join(' '),
        r.growth.toFixed(3),
      ]),
    )
  })
