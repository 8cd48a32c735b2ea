// The trainings, each where it is not done yet; one that was interrupted goes on.

import { join } from 'node:path'
import type { TargetScaling } from '../../src/data/scaling.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import type { OnEvent } from '../../src/training/events.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'
import { STAGES, type Stage, type StageName } from './recipe.ts'

/** Where the runs are, and with what they are made. */
export interface Workshop {
  /** Of the runs. */
  readonly folder: string
  readonly threads: number
  readonly onEvent: OnEvent
}

/** Folder of a stage's run. */
export function stageFolder({ folder }: Pick<Workshop, 'folder'>, stage: StageName): string {
  return join(folder, stage)
}

/** Trains a stage. @param from the stage whose network it starts from */
export async function trainStage(
  workshop: Workshop,
  stage: StageName,
  run: {
    readonly data: TrainingRun['data']
    readonly targets: readonly Pick<TargetScaling, 'name' | 'unit'>[]
    readonly from?: StageName
  },
): Promise<void> {
  const { threads, onEvent } = workshop
  const { config, options, members }: Stage = STAGES[stage]
  const training: TrainingRun = {
    ...{ data: run.data, targets: run.targets, config, options },
    from: run.from === undefined ? undefined : await readRun(stageFolder(workshop, run.from)),
    runFolder: stageFolder(workshop, stage),
    resume: true,
    ...{ threads, onEvent },
  }
  await (members === undefined ? train(training) : trainEnsemble(training, members))
}
