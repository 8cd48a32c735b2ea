// Periodic geometry: lattice translations, neighbour tables, wave vectors, and batches of crystals as typed arrays.

export { batchFill, packBatch } from './batch.ts'
export { type PreparedCell, placesInCell, translationRange, translationTable } from './cell-batch.ts'
export { refuseOverlap } from './closest.ts'
export { groupAlike, groupByAtoms, streamByAtoms } from './group.ts'
export { cartesianPositions, planeSpacings, reciprocalVectors } from './lattice.ts'
export { expectedImages, MAX_IMAGES, neighbourTable } from './neighbours.ts'
export { imagePlaces } from './pack-images.ts'
export { type PreparedCrystal, prepareCrystal } from './prepare.ts'
export { cutoffRadius, erfc, neglectedWeight } from './radius.ts'
export { type WaveTable, waveTable } from './reciprocal.ts'
export { supercell } from './supercell.ts'
export type {
  Batch,
  BatchTensor,
  FrameKind,
  GeometrySpec,
  ImageSelection,
  NeighbourTable,
} from './types.ts'
export { ofAllAtoms } from './unique.ts'
