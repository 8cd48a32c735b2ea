// `npm run bench -- serving`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchServing } from '../serving.ts'
import { benchCommand, MACHINE } from './command.ts'

export const servingCommand = benchCommand(
  'serving',
  'time a server with many clients beside predictMany and beside one prediction a request',
)
  .option('--requests <n>', 'of each', positiveInteger, 4000)
  .option('--clients <n>', 'that ask at a time', positiveInteger, 32)
  .option('--model <file>', 'a model file, or a name', 'formation-energy')
  .action(
    async (options: { requests: number; clients: number; model: string; json?: boolean }): Promise<void> => {
      const output = new Output(options.json ?? false)
      const results = await benchServing(options, (message) => output.note(`… ${message}`))
      output.line({ ...MACHINE, results })
      output.text(
        `${options.clients} clients on loopback, one crystal of the MP mix a request, ${options.model}`,
      )
      output.text(`a full batch takes ${results[0].full_batch_ms!.toFixed(0)} ms of a core`)
      const shown = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '-'
      output.table(
        [
          'how',
          ...['requests', 'failed', 'refused', 'a second', '× predictMany'],
          ...[
            'p50 ms',
            'p99 ms',
            'refused p50 ms',
            'refused p99 ms',
            'processor ms',
            'clients ms',
            'loop p99 ms',
          ],
          'memory',
          'difference',
        ],
        results.map((r) => [
          ...[r.how, r.requests, r.failed, r.refused, r.per_second.toFixed(0), r.ratio.toFixed(2)],
          ...[shown(r.p50_ms, 1), shown(r.p99_ms, 1), shown(r.refused_p50_ms, 1), shown(r.refused_p99_ms, 1)],
          ...[shown(r.processor_ms, 2), shown(r.clients_ms, 2), shown(r.loop_p99_ms, 1)],
          shown(r.memory_growth, 3),
          r.difference?.toExponential(0) ?? '-',
        ]),
      )
    },
  )
