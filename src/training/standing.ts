// How far the run in a folder has come, from its files alone.

import { access } from 'node:fs/promises'
import { findCheckpoint } from './checkpoint.ts'
import { findRunEvaluation } from './run-evaluation.ts'
import { readRunConfig, runPaths } from './run-folder.ts'

/** `new`: no epoch was ever finished. `begun`: there are epochs to go on from. `finished`: nothing is left to do. */
export type Standing = 'new' | 'begun' | 'finished'

/** @throws TrainingError for a folder whose files are damaged, were changed, or do not belong together. */
export async function standingOf(folder: string): Promise<Standing> {
  const paths = runPaths(folder)
  if (!(await exists(paths.config))) return 'new'
  const { hash, training } = await readRunConfig(paths.config)
  const checkpoint = await findCheckpoint(paths.checkpoint, hash)
  const evaluation = await findRunEvaluation(paths.evaluation)
  const ended = evaluation !== undefined && !evaluation.diverged && (await exists(paths.weights))
  // A finished run may have lost its checkpoint: nothing needs it any more.
  if (!checkpoint) return ended ? 'finished' : 'new'
  return ended && checkpoint.epoch >= checkpoint.average_from + training.swa_epochs ? 'finished' : 'begun'
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
