// The public face of this folder: structures, elements, cells, and reading and writing of structure files. Reading from
// disk is file.ts, which only Node can load.

export type { Mat3, Vec3 } from '../math/vectors.ts'
export {
  type CellParameters,
  fractionalOf,
  latticeFromParameters,
  latticeParameters,
  toCartesian,
  volume,
  wrap,
} from './cell.ts'
export { detectFormat } from './detect.ts'
export {
  atomicNumber,
  elementOfLabel,
  elementOfSymbol,
  SYMBOLS,
  stripOxidation,
  symbolOf,
} from './elements.ts'
export { plainJson } from './formats/plain.ts'
export type { Format } from './formats/reading.ts'
export { composition, formula, reducedFormula } from './formula.ts'
export {
  type FailedEntry,
  MAX_BYTES,
  MAX_SITES,
  type ParsedStructure,
  type ReadOptions,
  readEntries,
  readStructures,
  type StructureEntry,
} from './read.ts'
export { type SpaceGroup, type SymmetryOptions, spaceGroup, toPrimitive } from './standardise.ts'
export {
  cellVolume,
  isOrdered,
  type Occupant,
  type Site,
  type Structure,
  structure,
} from './structure.ts'
export { writeStructure } from './write.ts'
