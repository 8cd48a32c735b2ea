// Training in TensorFlow.js: one entry, `train`, and the pieces that are useful on their own.

export { BACKENDS, type BackendName, type Engine, type SelectedBackend } from '../engines/engine.ts'
export { selectBackend } from '../engines/select.ts'
export { learnedNothing } from './against.ts'
export { type EnsembleResult, trainEnsemble } from './ensemble.ts'
export {
  type EvaluatedCrystal,
  type Evaluation,
  evaluate,
  type TargetErrors,
} from './evaluate.ts'
export type { EpochMetrics, OnEvent, TrainingEvent } from './events.ts'
export type { ChosenWeights } from './fit.ts'
export {
  LOSSES,
  preset,
  SCHEDULES,
  type TrainingOptions,
  type TrainingOptionsInput,
  trainingOptions,
} from './options.ts'
export { planTraining, type TrainingPlan } from './plan.ts'
export { trainingProgress } from './progress.ts'
export { readRun, type TrainedRun } from './read-run.ts'
export { reportPage, writeReport } from './report.ts'
export { train } from './run.ts'
export type { RunEvaluation } from './run-evaluation.ts'
export { memberFolder, type RunConfig, runPaths } from './run-folder.ts'
export { type RunWeights, runWeights } from './run-weights.ts'
export { type Standing, standingOf } from './standing.ts'
export type { StartingPoint } from './start.ts'
export type { TrainingResult, TrainingRun } from './training-run.ts'
