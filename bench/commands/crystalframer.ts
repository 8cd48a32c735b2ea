// `npm run bench -- crystalframer`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchCrystalframer } from '../crystalframer.ts'
import { benchCommand, MACHINE } from './command.ts'

export const crystalframerCommand = benchCommand(
  'crystalframer',
  'time CrystalFramer beside Crystalformer, and its angular encoding in three ways',
)
  .option('--passes <n>', 'passes over every batch; the fastest counts', positiveInteger, 5)
  .action(async ({ passes, json }: { passes: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const result = await benchCrystalframer(passes, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    output.text(
      `${result.workload}, weights: ${result.weights}, radius ${result.radius} Å, one thread, processor time; a 512 × 512 ` +
        `product runs at ${result.gemm_gflops.toFixed(0)} GFLOP/s`,
    )
    const [yardstick] = result.networks
    const mixes = Object.keys(yardstick.us_per_atom)
    output.table(
      ['network', 'nodes', ...mixes.flatMap((mix) => [`${mix} µs/atom`, `× ${yardstick.network}`])],
      result.networks.map(({ network, nodes, us_per_atom: us }) => [
        network,
        nodes,
        ...mixes.flatMap((mix) => [us[mix].toFixed(0), (us[mix] / yardstick.us_per_atom[mix]).toFixed(1)]),
      ]),
    )
    for (const [mix, ratio] of Object.entries(result.density_ratio)) {
      output.text(`densities of axes, ${mix}: ${ratio.toFixed(2)} × max frames`)
    }
    output.table(
      ['angular encoding alone', ...Object.keys(result.alone[0].us_per_atom!).map((n) => `${n}, µs/atom`)],
      result.alone.map(({ device, us_per_atom: us, why }) => [
        device,
        ...(us ? Object.values(us).map((x) => x.toFixed(0)) : [`not here: ${why}`]),
      ]),
    )
  })
