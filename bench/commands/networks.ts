// `npm run bench -- networks`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchNetworks } from '../networks.ts'
import { benchCommand, MACHINE } from './command.ts'

export const networksCommand = benchCommand(
  'networks',
  'time the exported graph of every network with its default hyper-parameters',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const result = await benchNetworks(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    output.text(`${result.workload}, default hyper-parameters, initial weights, one thread, processor time`)
    const [yardstick] = result.networks
    const mixes = Object.keys(yardstick.us_per_atom)
    output.table(
      [
        ...['network', 'parameters', 'nodes', 'radius, Å'],
        ...mixes.flatMap((mix) => [`${mix} µs/atom`, `× ${yardstick.network}`]),
      ],
      result.networks.map(({ network, parameters, nodes, radius, us_per_atom: us }) => [
        ...[network, parameters, nodes, radius.toFixed(1)],
        ...mixes.flatMap((mix) => [us[mix].toFixed(0), (us[mix] / yardstick.us_per_atom[mix]).toFixed(2)]),
      ]),
    )
  })
