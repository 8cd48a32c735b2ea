// `npm run bench -- cells`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchCells } from '../cells.ts'
import { benchCommand, MACHINE } from './command.ts'

export const cellsCommand = benchCommand(
  'cells',
  'time large cells on onnxruntime: the whole graph at once, and part by part',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const results = await benchCells(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.table(
      ['network', 'atoms', 'whole, µs/atom', 'in parts', 'parts × whole of the smallest', 'difference'],
      results.map((r) => [
        ...[r.network, r.atoms, r.whole_us_per_atom?.toFixed(0) ?? '-', r.parts_us_per_atom.toFixed(0)],
        ...[r.growth.toFixed(2), r.difference?.toExponential(0) ?? '-'],
      ]),
    )
  })
