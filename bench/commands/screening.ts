// `npm run bench -- screening`.

import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchScreening } from '../screening.ts'
import { benchCommand, MACHINE } from './command.ts'

export const screeningCommand = benchCommand(
  'screening',
  'time a screening beside the predictions in it, and by one worker and several',
)
  .option('--crystals <n>', 'how many', positiveInteger, 4000)
  .option('--data <file>', 'labelled crystals instead of made-up ones, again until there are enough')
  .addOption(new Option('--only <which>', 'one half of it').choices(['parts', 'whole']))
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--workers <n>', 'cores', positiveInteger, availableParallelism())
  .option('--model <file>', 'a model file, or one that comes with the package', 'formation-energy')
  .action(
    async (options: {
      crystals: number
      data?: string
      only?: 'parts' | 'whole'
      passes: number
      workers: number
      model: string
      json?: boolean
    }): Promise<void> => {
      const output = new Output(options.json ?? false)
      const result = await benchScreening(options, (message) => output.note(`… ${message}`))
      output.line({ ...MACHINE, ...result })
      output.text(`${result.crystals} crystals, ${options.model}`)
      if (result.inputs.length > 0) output.text('one core: milliseconds of processor time a crystal')
      output.table(
        ['input', 'in memory', 'read', 'write', 'screen', 'crystals/s', 'screen / in memory'],
        result.inputs.map(({ input, ms_per_crystal: ms, ratio }) => [
          ...[input, ms.memory.toFixed(3), ms.read.toFixed(3), ms.write.toFixed(3), ms.screen.toFixed(3)],
          ...[(1000 / ms.screen).toFixed(0), ratio.toFixed(2)],
        ]),
      )
      const several = result.whole.at(-1)
      output.table(
        ['whole', 'workers', 'seconds', 'crystals/s', '× the last', 'MB early', 'MB late'],
        result.whole.map(({ how, workers, isHeld, seconds, memory_mb = [] }) => [
          ...[how, `${workers}${isHeld ? ', one core' : ''}`, seconds.toFixed(1)],
          ...[(result.crystals / seconds).toFixed(0), (seconds / several!.seconds).toFixed(2)],
          ...memory_mb.map((mb) => mb.toFixed(0)),
        ]),
      )
      output.text(`${result.resident_mb.toFixed(0)} MB resident`)
    },
  )
