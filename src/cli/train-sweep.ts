// `train --sweep grid.json`: what is said of a sweep. A line a run as it ends, one table at the end, the best first.

import type { SweepPoint } from '../training/sweep.ts'
import type { TrainingRun } from '../training/training-run.ts'
import { readConfigFile } from './config-file.ts'
import { EXIT } from './exit.ts'
import type { Output } from './output.ts'
import { quoted } from './quoted.ts'

/** The combinations of a grid. */
export async function pointsOf(grid: string): Promise<SweepPoint[]> {
  const { sweepPoints } = await import('../training/sweep.ts')
  return sweepPoints(await readConfigFile(grid))
}

/** Trains them, with a report of each run and one of all. Exit code 3 where some diverged, 1 where all did. */
export async function runSweep(
  run: TrainingRun,
  points: readonly SweepPoint[],
  output: Output,
): Promise<void> {
  const { ranked, shortened, trainSweep } = await import('../training/sweep.ts')
  const { columnsOf, writeSweepReport } = await import('../training/sweep-report.ts')
  const { writeReport } = await import('../training/report.ts')
  let point = ''
  const onEvent: TrainingRun['onEvent'] = (event) => {
    run.onEvent?.(event)
    if (event.type === 'epoch') output.line({ point, ...event.metrics })
  }
  const runs = await trainSweep({ ...run, onEvent }, points, async ({ name }, ended) => {
    point = name
    if (!ended)
      return output.note(
        `${name} (${points.findIndex((other) => other.name === name) + 1} of ${points.length})`,
      )
    if (ended.error !== null) output.warn(`${name}: ${ended.error}`)
    else await writeReport(ended.runFolder)
    output.line(shortened(ended))
  })
  const report = await writeSweepReport(run.runFolder, runs)
  const best = ranked(runs)
  const { head, row } = columnsOf(best)
  output.table(head, best.map(row))
  const diverged = runs.filter(({ error }) => error !== null).length
  const [first] = best
  const chosen = first.error === null ? first.runFolder : null
  output.line(
    { sweep: run.runFolder, runs: runs.length, diverged, best: chosen },
    `${run.runFolder}: ${runs.length} runs; look at ${report}` +
      (chosen === null ? '' : `, then: crystal-onnx export ${quoted(chosen)} -o model.onnx`),
  )
  process.exitCode = diverged === 0 ? EXIT.ok : chosen === null ? EXIT.failed : EXIT.partial
}
