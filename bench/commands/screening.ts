// `npm run bench -- screening`.

import { availableParallelism } from 'node:os'
import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchScreening } from '../screening.ts'
import { benchCommand, MACHINE } from './command.ts'

export const screeningCommand = benchCommand(
  'screening',
  'time a screening beside the predictions in it, and by one worker and several',
)
  .option('--crystals <n>', 'how many', positiveInteger, 4000)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--workers <n>', 'cores', positiveInteger, availableParallelism())
  .option('--model <file>', 'a model file, or one that comes with the package', 'formation-energy')
  .action(
    async (options: {
      crystals: number
      passes: number
      workers: number
      model: string
      json?: boolean
    }): Promise<void> => {
      const output = new Output(options.json ?? false)
      const result = await benchScreening(options, (message) => output.note(`… ${message}`))
      output.line({ ...MACHINE, ...result })
      output.text(
        `${result.crystals} crystals, ${options.model}, one core: milliseconds of processor time a crystal`,
      )
      output.table(
        ['input', 'in memory', 'read', 'write', 'screen', 'crystals/s', 'screen / in memory'],
        result.inputs.map(({ input, ms_per_crystal: ms, ratio }) => [
          ...[input, ms.memory.toFixed(3), ms.read.toFixed(3), ms.write.toFixed(3), ms.screen.toFixed(3)],
          ...[(1000 / ms.screen).toFixed(0), ratio.toFixed(2)],
        ]),
      )
      const several = result.workers.at(-1)!
      for (const { workers, isHeld, seconds } of result.workers) {
        output.text(
          `whole screening by ${workers}${isHeld ? ', held to one core' : ''}: ${seconds.toFixed(1)} s, ` +
            `${(seconds / several.seconds).toFixed(2)} × the time of ${several.workers}`,
        )
      }
      output.text(`${result.resident_mb.toFixed(0)} MB resident`)
    },
  )
