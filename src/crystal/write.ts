// Writing one structure in any format.

import { writeCif } from './formats/cif.ts'
import { writeExtxyz } from './formats/extxyz.ts'
import { writeJarvis } from './formats/jarvis.ts'
import { writeOptimade } from './formats/optimade.ts'
import { plainJson } from './formats/plain.ts'
import { writePoscar } from './formats/poscar.ts'
import { writePymatgen } from './formats/pymatgen.ts'
import type { Format } from './formats/reading.ts'
import type { Structure } from './structure.ts'

const WRITERS: Readonly<Record<Format, (s: Structure) => string>> = {
  cif: writeCif,
  poscar: writePoscar,
  extxyz: writeExtxyz,
  pymatgen: writePymatgen,
  jarvis: writeJarvis,
  optimade: writeOptimade,
  json: (s) => JSON.stringify(plainJson(s)),
}

/**
 * The text of a file that holds this structure.
 * @throws StructureError when the format (POSCAR, extXYZ, JARVIS) cannot hold its partial occupancies.
 */
export function writeStructure(s: Structure, format: Format): string {
  return WRITERS[format](s)
}
