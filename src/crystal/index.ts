/**
 * Structures, elements, cells, space groups, and reading and writing of structure files from text and bytes. Runs in
 * browsers; reading a path is `readStructureFile` of `crystal-onnx`.
 *
 * @module crystal-onnx/crystal
 */

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
export { atomicNumber, SYMBOLS, symbolOf } from './elements.ts'
export type { BinaryFormat, FileFormat, JsonFormat, StructureFormat } from './formats/format.ts'
export { FORMATS, type Format, type FormatName } from './formats/table.ts'
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
export {
  type SpaceGroup,
  type Symmetry,
  type SymmetryOptions,
  spaceGroup,
  symmetry,
  toPrimitive,
} from './standardise.ts'
export {
  isOrdered,
  type Occupant,
  type Site,
  type Structure,
  type StructureInput,
  structure,
} from './structure.ts'
export { supercell } from './supercell.ts'
export { writeStructure } from './write.ts'
