/**
 * Labelled crystals for training. Reading data sets in any form, looking for what is wrong with them, splitting,
 * describing and writing them, new crystals made of known ones, and the built-in set that is computed from ionic physics.
 * An entry because whoever trains from code has data to bring; what scales targets and draws numbers is not in it.
 *
 * @module crystal-onnx/data
 */

export type { FileLimits } from './bytes.ts'
export { type CheckOptions, checkDataset, type DatasetCheck } from './check/check.ts'
export type { Finding } from './check/findings.ts'
export type { CrystalList, Crystals, RecordPlace } from './crystals.ts'
export { loadDataset, type ReadOptions, type ReadProgress, readDataset, writeDataset } from './dataset.ts'
export { datasetFormat } from './formats/open.ts'
export type { DatasetFormat } from './formats/table.ts'
export { latticeEnergy } from './ionic/energy.ts'
export { generateIonicDataset, IONIC_TARGET, type IonicOptions } from './ionic/generate.ts'
export { type LabelledCrystal, labelledCrystal, type Split } from './labelled.ts'
export { type OpenOptions, openDataset } from './open-dataset.ts'
export { type SplitCrystals, type SplitOptions, splitDataset } from './split.ts'
export {
  type DatasetStatistics,
  datasetStatistics,
  describeDataset,
  type TargetStatistics,
} from './statistics.ts'
export type { ExchangeOptions, Likeness } from './substitute/exchange.ts'
export type { LeftOut, SubstituteOptions } from './substitute/options.ts'
export { substituteElements } from './substitute/substitute.ts'
