/**
 * Training in TensorFlow.js, presets of the papers, and reading of what a run left behind. Loads TensorFlow.js.
 *
 * @module crystal-onnx/training
 */

export type { TargetScaling } from '../data/scaling.ts'
export type { BackendName } from '../engines/backends.ts'
export type { SelectedBackend } from '../engines/engine.ts'
export type { Coverage } from './coverage.ts'
export { type EnsembleResult, trainEnsemble } from './ensemble.ts'
export type { EvaluatedCrystal, Evaluation, TargetErrors } from './evaluate.ts'
export type { EpochMetrics, OnEvent, TrainingEvent } from './events.ts'
export type { ChosenWeights } from './fit.ts'
export { preset, type TrainingOptions, type TrainingOptionsInput } from './options.ts'
export { planTraining, type TrainingPlan } from './plan.ts'
export { type TrainingProgress, trainingProgress } from './progress.ts'
export { readEnsemble } from './read-ensemble.ts'
export { readRun, type TrainedRun } from './read-run.ts'
export { writeEnsembleReport, writeReport } from './report.ts'
export { train } from './run.ts'
export { type RunWeights, runWeights } from './run-weights.ts'
export type { StartingPoint } from './start.ts'
export { ranked, type SweepPoint, type SweepRun, sweepPoints, trainSweep } from './sweep.ts'
export { writeSweepReport } from './sweep-report.ts'
export type { TrainingResult, TrainingRun } from './training-run.ts'
