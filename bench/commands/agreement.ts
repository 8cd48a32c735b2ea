// `npm run bench -- agreement`.

import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { benchAgreement, STEPS } from '../agreement.ts'
import { benchCommand, MACHINE } from './command.ts'

export const agreementCommand = benchCommand(
  'agreement',
  'compare the fused engine with onnxruntime on random crystals',
)
  .option('--crystals <n>', 'how many', positiveInteger, 1000)
  .action(async ({ crystals, json }: { crystals: number; json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const results = await benchAgreement(crystals, (message) => output.note(`… ${message}`))
    output.line({ ...MACHINE, results })
    output.text('fused engine against onnxruntime, one thread each, in standard deviations of the target')
    const above = STEPS.map((step) => `above ${step.toExponential()}`)
    output.table(
      ['network', 'crystals', 'spread of values', 'mean', 'largest', ...above, 'numbers of the worst'],
      results.map((r) => [
        ...[r.network, r.crystals, r.spread.toFixed(3), r.mean.toExponential(1), r.largest.toExponential(1)],
        ...[...r.above, r.worst.join(' ')],
      ]),
    )
  })
