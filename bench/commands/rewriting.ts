// `npm run bench -- rewriting`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchRewriting } from '../rewriting.ts'
import { benchCommand, MACHINE } from './command.ts'

export const rewritingCommand = benchCommand(
  'rewriting',
  'what predictions of real crystals change by when the crystals are written down differently',
)
  .option('--crystals <n>', 'at most', positiveInteger, 10_000)
  .option('--every <n>', 'of the data one of so many', positiveInteger, 1)
  .action(async (options: { crystals: number; every: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const results = await benchRewriting(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    const kinds = Object.keys(results[0].largest)
    output.text(
      'largest change in units of the spread of predictions, of which 1e-5 is allowed; fused engine',
    )
    output.table(
      ['network', 'crystals', ...kinds, 'above 1e-5', 'worst', 'from float64'],
      results.map(({ network, crystals, largest, above, worst: [worst], from_float64 }) => [
        ...[network, crystals, ...kinds.map((kind) => largest[kind].toExponential(1))],
        ...[above, worst.crystal, from_float64?.toExponential(1) ?? ''],
      ]),
    )
  })
