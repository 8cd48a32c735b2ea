// Periodic geometry: lattice translations, neighbour tables, wave vectors, and batches of crystals as typed arrays.

export { batchFill, packBatch } from './batch.ts'
export { type PreparedCell, placesInCell, translationRange, translationTable } from './cell-batch.ts'
export { refuseOverlap } from './closest.ts'
export { groupAlike, groupByAtoms, streamByAtoms } from './group.ts'
export { cartesianPositions, planeSpacings, reciprocalVectors } from './lattice.ts'
export { expectedImages, MAX_IMAGES, neighbourTable } from './neighbours.ts'
export { imagePlaces } from './pack-images.ts'
export {
  type CellCrystal,
  type PreparedAs,
  type PreparedCrystal,
  type PrepareOptions,
  prepareCrystal,
  type SiteCrystal,
  type TableCrystal,
} from './prepare.ts'
export { cutoffRadius, erfc, neglectedWeight } from './radius.ts'
export { type WaveTable, waveTable } from './reciprocal.ts'
export { slotShape } from './slots.ts'
export { supercell } from './supercell.ts'
export {
  BATCH_TENSORS,
  type Batch,
  type BatchTensor,
  CELL_TENSORS,
  type TableBatch,
  type TableTensorName,
  type TensorRow,
} from './tensors.ts'
export type {
  FrameKind,
  GeometrySpec,
  GraphGeometry,
  ImageSelection,
  NeighbourTable,
  SiteGeometry,
  TableGeometry,
} from './types.ts'
