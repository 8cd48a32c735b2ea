// `npm run bench -- inference`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchInference } from '../inference.ts'
import { benchCommand, MACHINE } from './command.ts'

export const inferenceCommand = benchCommand(
  'inference',
  'time the neighbour-table graph beside a dense export of the same weights, one CPU thread',
)
  .option('--passes <n>', 'passes over each mix; the fastest counts', positiveInteger, 10)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const result = await benchInference(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    output.text(
      `${result.workload}, weights: ${result.weights}, radius ${result.radius} Å, one thread, ` +
        `${result.nodes} nodes, session in ${result.session_ms.toFixed(0)} ms; a 512 × 512 product runs at ` +
        `${result.gemm_gflops.toFixed(0)} GFLOP/s`,
    )
    output.table(
      [
        'mix',
        'crystals',
        'atoms',
        'ms/crystal',
        'dense ms/crystal',
        'faster',
        'µs/atom (run)',
        'tables µs/atom',
        'tables/run',
      ],
      result.mixes.map((m) => [
        m.mix,
        m.crystals,
        m.atoms,
        m.ms_per_crystal.toFixed(2),
        m.dense_ms_per_crystal.toFixed(1),
        `${m.ratio.toFixed(0)}x`,
        m.run_us_per_atom.toFixed(1),
        m.tables_us_per_atom.toFixed(1),
        `${(m.tables_share * 100).toFixed(1)}%`,
      ]),
    )
    const [, thirty] = result.growing
    output.table(
      ['atoms in the cell', 'µs/atom', 'against 30'],
      result.growing.map((g) => [
        g.atoms,
        g.us_per_atom.toFixed(1),
        (g.us_per_atom / thirty.us_per_atom).toFixed(2),
      ]),
    )
  })
