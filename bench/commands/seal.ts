// `npm run bench -- seal`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchSeal } from '../seal.ts'
import { benchCommand, MACHINE } from './command.ts'

export const sealCommand = benchCommand(
  'seal',
  'time the seal of a model file beside loading it, and how soon changed files are refused',
)
  .option('--mutations <n>', 'changed files', positiveInteger, 10_000)
  .action(async (options: { mutations: number; json?: boolean }): Promise<void> => {
    const output = new Output(options.json ?? false)
    const result = await benchSeal(options.mutations, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, ...result })
    const { bytes, load_ms, seal_ms, seal_ms_per_mb, mutations, accepted, refused_ms } = result
    output.text(
      `a file of ${(bytes / 2 ** 20).toFixed(1)} MB loads in ${load_ms.toFixed(0)} ms, of which its seal takes ` +
        `${seal_ms.toFixed(1)} (${seal_ms_per_mb.toFixed(2)} a MB)\n` +
        `of ${mutations} changed files ${accepted} load; they are refused in ${refused_ms.median.toFixed(1)} ms, ` +
        `99 % within ${refused_ms.p99.toFixed(1)}, at most ${refused_ms.most.toFixed(0)}`,
    )
  })
