// What `train` says at its end: tables and the next step for people, one last line under --json.

import type { EnsembleResult } from '../training/ensemble.ts'
import type { Evaluation } from '../training/evaluate.ts'
import type { ChosenWeights } from '../training/fit.ts'
import type { TrainingResult } from '../training/training-run.ts'
import type { Output } from './output.ts'
import { quoted } from './quoted.ts'

/** Of one network. */
export async function printResult(result: TrainingResult, output: Output): Promise<void> {
  const { runFolder, epochs, chosen, backend, seconds } = result
  const warnings = await warningsOf(result, result.targets, output)
  const best_epoch = chosen.which === 'best' ? (chosen.best?.epoch ?? null) : null
  const ended = { weights: chosen.which, best_epoch, epochs, trained: backend !== null }
  printErrors(result, output)
  const how =
    backend === null
      ? `had finished before, after ${epochs} epochs; nothing is left to train`
      : `${epochs} epochs on ${backend.name} in ${seconds.toFixed(0)} s`
  const next = warnings.length > 0 ? '' : `, then: crystal-onnx export ${quoted(runFolder)} -o model.onnx`
  output.line(
    { run: runFolder, ...ended, ...errorsOf(result), warnings },
    `${runFolder}: ${how}; look at ${runFolder}/report.html${next}`,
  )
}

/** Of several. */
export async function printEnsemble(
  runFolder: string,
  { members, ...mean }: EnsembleResult,
  output: Output,
): Promise<void> {
  const warnings = await warningsOf(mean, members[0].targets, output)
  const kept = members.map(({ chosen }): ChosenWeights['which'] => chosen.which)
  const trained = members.some(({ backend }) => backend !== null)
  printErrors(mean, output)
  output.line(
    {
      run: runFolder,
      members: members.map((member) => member.runFolder),
      ...{ weights: kept, trained, ...errorsOf(mean), warnings },
    },
    `${runFolder}: errors of the mean of ${members.length} networks, each in a member folder` +
      (trained ? '' : '; all had finished before'),
  )
}

type Errors = Readonly<Record<'val' | 'test', Evaluation | null>>

async function warningsOf(
  errors: Errors,
  targets: TrainingResult['targets'],
  output: Output,
): Promise<string[]> {
  const { learnedNothing } = await import('../training/against.ts')
  const warnings = learnedNothing(errors, targets)
  for (const warning of warnings) output.warn(warning)
  return warnings
}

/** Without the crystals: evaluation.json has those. */
function errorsOf({ val, test }: Errors) {
  const short = (split: Evaluation | null) => split && { n: split.n, targets: split.targets }
  return { val: short(val), test: short(test) }
}

function printErrors(errors: Errors, output: Output): void {
  for (const split of ['val', 'test'] as const) {
    output.table(
      [`${split} errors`, 'crystals', 'MAE', 'RMSE', 'unit'],
      (errors[split]?.targets ?? []).map((t) => [t.name, t.n, figure(t.mae), figure(t.rmse), t.unit]),
    )
  }
}

function figure(x: number | null): string {
  return x === null ? '' : x.toPrecision(4)
}
