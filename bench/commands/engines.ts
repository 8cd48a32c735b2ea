// `npm run bench -- engines`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchEngines } from '../engines.ts'
import { benchCommand, MACHINE } from './command.ts'

export const enginesCommand = benchCommand(
  'engines',
  'time the fused engine in native code and in WebAssembly beside onnxruntime',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 9)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const result = await benchEngines(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    output.text(
      `${result.workload}, full-size networks, one thread, processor time; medians of ${passes} passes in turns`,
    )
    output.table(
      [
        'network',
        'crystals',
        'engine',
        '× onnxruntime',
        'least to most',
        `× ${result.times[0].network}`,
        'µs/atom',
        'tables µs/atom',
        'difference',
      ],
      result.times.map((t) => [
        ...[t.network, t.on, t.engine, t.ratio.toFixed(2), t.spread.map((x) => x.toFixed(2)).join(' – ')],
        t.to_first_network.toFixed(2),
        ...[t.us_per_atom.toFixed(0), t.tables_us_per_atom.toFixed(1), t.difference.toExponential(0)],
      ]),
    )
  })
