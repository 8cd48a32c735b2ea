// `npm run bench -- peers`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchPeers } from '../peers/peers.ts'
import { benchCommand, MACHINE } from './command.ts'

export const peersCommand = benchCommand(
  'peers',
  'time other networks for energies of crystals, of Python packages that are here, beside ours',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--python <program>', 'has the packages', 'python3')
  .action(async (options: { passes: number; python: string; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const { rows, absent } = await benchPeers(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, rows, absent })
    for (const [peer, why] of Object.entries(absent)) output.note(`not here: ${peer} (${why})`)
    output.table(
      ['peer', 'package', 'mix', 'at a time', 'ms/crystal', '× our onnxruntime', '× our fused engine'],
      rows.map((r) => [
        ...[r.peer, r.package, r.mix, r.batch, r.ms_per_crystal.toFixed(1)],
        ...[r.times_onnxruntime.toFixed(1), r.times_fused.toFixed(1)],
      ]),
    )
  })
