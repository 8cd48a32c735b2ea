// The formats that most files are in, for a page that loads the others (table.ts) when one of theirs comes.

import { aseJson } from './ase.ts'
import { cif } from './cif.ts'
import { extxyz } from './extxyz.ts'
import { hasFiles, type StructureFormat } from './format.ts'
import { jarvis } from './jarvis.ts'
import { hasEnding } from './known.ts'
import { optimade } from './optimade.ts'
import { plain } from './plain.ts'
import { poscar } from './poscar.ts'
import { pymatgen } from './pymatgen.ts'

/** Some of FORMATS, in its order: all kinds of JSON, which share a reader. */
export const USUAL: readonly StructureFormat[] = [
  ...[cif, poscar, extxyz, optimade, pymatgen, plain, jarvis, aseJson],
]

/** Bytes that are looked at; what is below is in no text. */
const HEAD = 64
const TAB = 9

/** The formats that a file may be in: all of them, which are loaded for it, unless it is surely in one of USUAL. */
export async function formatsFor(
  file: string,
  content: string | Uint8Array,
): Promise<readonly StructureFormat[]> {
  return isUsual(file, content) ? USUAL : (await import('./table.ts')).FORMATS
}

/**
 * Whether a file is surely in one of USUAL: by its name, since one of no telling name may be anything, and by bytes that
 * are no binary file under the name of a text.
 */
export function isUsual(file: string, content: string | Uint8Array): boolean {
  if (typeof content !== 'string' && content.subarray(0, HEAD).some((byte) => byte < TAB)) return false
  const name = file.replace(/^.*[/\\]/, '')
  return USUAL.filter(hasFiles).some(
    (format) => hasEnding(name, format) || (!name.includes('.') && format.fileName?.test(name)),
  )
}
