// `npm run bench -- train`.

import { positiveInteger, positiveNumber } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchTraining } from '../train.ts'
import { benchCommand, MACHINE } from './command.ts'

export const trainingCommand = benchCommand(
  'train',
  'time training steps on every engine that is here, beside the stock kernels of tfjs',
)
  .option('--steps <n>', 'steps; the fastest counts', positiveInteger, 10)
  .option('--radius <Å>', 'of the sum, instead of the one from the error bound', positiveNumber)
  .action(async (options: { steps: number; radius?: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const result = await benchTraining(options, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    output.text(`steps of full-size networks: ${result.workload}, radius ${result.radius.toFixed(1)} Å`)
    output.table(
      ['network', 'mix', 'atoms', 'engine', 'threads', 'ms/step', 'processor ms', 'loss', 'peak MB so far'],
      result.steps.map((s) => [
        ...[s.network, s.mix, s.atoms, s.engine, s.threads],
        ...[s.ms.toFixed(0), s.cpu_ms.toFixed(0), s.loss.toFixed(5), s.peak_memory_mb],
      ]),
    )
    const on = (threads: number) => (threads > 1 ? `${threads} threads` : 'one thread')
    for (const { mix, engine, threads, ratio } of result.density_ratios) {
      output.text(`densities of axes, ${mix}, ${engine}, ${on(threads)}: ${ratio.toFixed(2)} × max frames`)
    }
    for (const { network, mix, threads, ratio } of result.native_ratios) {
      output.text(`${network}, ${mix}, ${on(threads)}: native code takes ${ratio.toFixed(2)} × WebAssembly`)
    }
    for (const { engine, why } of result.absent) output.text(`not ${engine}: ${why}`)
    output.text(`the kernels that tfjs ships take ${result.faster_than_stock.toFixed(0)} times as long`)
  })
