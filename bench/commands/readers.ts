// `npm run bench -- readers`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchReaders } from '../readers/readers.ts'
import { benchCommand, MACHINE } from './command.ts'

export const readersCommand = benchCommand(
  'readers',
  'time the readers of CIF and extended XYZ beside gemmi, pymatgen and ASE',
)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--files <n>', 'files of CIF, and frames', positiveInteger, 5000)
  .option('--python <program>', 'has the packages of the others', 'python3')
  .action(
    async (options: { passes: number; files: number; python: string; json?: boolean }): Promise<void> => {
      const output = new Output(options.json ?? false)
      const result = await benchReaders(options, (message) => output.note(`… ${message}`))
      output.line({ ...MACHINE, ...result })
      for (const [reader, why] of Object.entries(result.absent)) output.note(`not here: ${reader} (${why})`)
      output.text(`one core, processor time; all files of CIF take ${result.cif_seconds.toFixed(2)} s`)
      output.table(
        ['reader', 'format', 'files', 'atoms', 'failed', 'MB/s', '× ours'],
        result.rows.map((r) => [
          ...[r.reader, r.format, r.files, r.atoms, r.failed],
          ...[r.mb_per_s.toFixed(1), r.times_ours.toFixed(2)],
        ]),
      )
    },
  )
