// Data sets: reading, writing, splitting, scaling, describing, and the built-in one computed from ionic physics.

export type { Random } from '../math/random/random.ts'
export { random } from '../math/random/xoshiro.ts'
export type { FileLimits } from './bytes.ts'
export { type CheckOptions, checkDataset, type DatasetCheck } from './check/check.ts'
export { unlabelledFinding } from './check/find-values.ts'
export type { Finding } from './check/findings.ts'
export { loadDataset, type ReadOptions, type ReadProgress, readDataset, writeDataset } from './dataset.ts'
export { type DatasetFormat, datasetFormat } from './formats/open.ts'
export { generateIonicDataset, IONIC_TARGET, type IonicOptions, latticeEnergy } from './ionic/index.ts'
export {
  formatLabelledCrystal,
  type LabelledCrystal,
  labelledCrystal,
  parseLabelledCrystal,
  SPLITS,
  type Split,
} from './labelled.ts'
export { type TargetFault, targetFaults } from './learnable.ts'
export { fitScaling, standardisedTargets, type TargetScaling, unscale } from './scaling.ts'
export { type SplitCrystals, type SplitOptions, splitDataset } from './split.ts'
export {
  type DatasetStatistics,
  datasetStatistics,
  describeDataset,
  type TargetStatistics,
} from './statistics.ts'
