// `npm run bench -- ragged`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchRagged } from '../ragged.ts'
import { benchCommand, MACHINE } from './command.ts'

export const raggedCommand = benchCommand(
  'ragged',
  'time graphs that join the requests of a batch themselves beside tables',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 7)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const results = await benchRagged(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.text(
      'graphs that join the requests of a batch themselves, beside tables of the best shape, one thread',
    )
    output.table(
      ['network', 'mix', 'images a slot', '× tables', 'least to most', 'difference'],
      results.map((r) => [
        ...[r.network, r.mix, r.images_per_slot, r.ratio.toFixed(2)],
        ...[r.spread.map((x) => x.toFixed(2)).join(' – '), r.difference.toExponential(0)],
      ]),
    )
  })
