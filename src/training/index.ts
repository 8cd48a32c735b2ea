// Training in TensorFlow.js: one entry, `train`, and the pieces that are useful on their own.

export { BACKENDS, type BackendName, type SelectedBackend, selectBackend } from './backend/select.ts'
export { type EnsembleResult, memberFolder, trainEnsemble } from './ensemble.ts'
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
  PRESETS,
  type Preset,
  preset,
  SCHEDULES,
  type TrainingOptions,
  type TrainingOptionsInput,
  trainingOptions,
} from './options.ts'
export { planTraining, type TrainingPlan } from './plan.ts'
export { trainingProgress } from './progress.ts'
export { reportPage, writeReport } from './report.ts'
export { type TrainingResult, type TrainingRun, train } from './run.ts'
export { type FinishedRun, type RunConfig, type RunEvaluation, readRun, runPaths } from './runFolder.ts'
export type { StartingPoint } from './start.ts'
