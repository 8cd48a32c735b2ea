// The formats of structure files, a row each: what can be read and written, and every list of it in help texts, errors and
// the page. Asked in this order: endings of names, then names, then texts; and JSON documents for their kind.

import { aims } from './aims.ts'
import { aseJson } from './ase.ts'
import { aseDatabase } from './ase-database.ts'
import { aseTrajectory } from './ase-trajectory.ts'
import { castep } from './castep.ts'
import { cif } from './cif.ts'
import { espresso } from './espresso.ts'
import { extxyz } from './extxyz.ts'
import { hasFiles, isBinary, type StructureFormat } from './format.ts'
import { jarvis } from './jarvis.ts'
import { lammps } from './lammps.ts'
import { optimade } from './optimade.ts'
import { outcar } from './outcar.ts'
import { pdb } from './pdb.ts'
import { plain } from './plain.ts'
import { poscar } from './poscar.ts'
import { pymatgen } from './pymatgen.ts'
import { shelx } from './shelx.ts'
import { vasprun } from './vasprun.ts'
import { xdatcar } from './xdatcar.ts'
import { xsf } from './xsf.ts'

/** Every format of the toolkit. */
export const FORMATS = [
  ...([cif, xdatcar, poscar, vasprun, outcar, extxyz, xsf, aims, castep, espresso, lammps] as const),
  ...([pdb, shelx, aseTrajectory, aseDatabase] as const),
  ...([optimade, pymatgen, plain, jarvis, aseJson] as const),
] as const

/** `json` is the toolkit's own JSON; where a format is asked of a whole file it stands for JSON of any kind. */
export type Format = (typeof FORMATS)[number]['name']

/** The name of a row, or of one that a caller adds. */
export type FormatName = Format | (string & Record<never, never>)

/** Endings of the names of files of one structure, with their dot. */
export function structureEndings(formats: readonly StructureFormat[] = FORMATS): string[] {
  return formats.flatMap((format) => (hasFiles(format) || isBinary(format) ? format.endings : []))
}
