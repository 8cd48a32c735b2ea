// Writing one structure in any format.

import { ConfigError } from '../errors.ts'
import type { StructureFormat } from './formats/format.ts'
import { formatNamed } from './formats/known.ts'
import { FORMATS, type FormatName } from './formats/table.ts'
import type { Structure } from './structure.ts'

/**
 * The text of a file that holds this structure.
 * @param formats what is known: the toolkit's formats, or those and a caller's own
 * @throws StructureError when the format (POSCAR, extXYZ, JARVIS) cannot hold its partial occupancies; ConfigError for a
 *   format that is not known, or only read.
 */
export function writeStructure(
  s: Structure,
  format: FormatName,
  formats: readonly StructureFormat[] = FORMATS,
): string {
  const { title, write } = formatNamed(format, formats)
  if (write) return write(s)
  const writable = formats.filter(({ write }) => write !== undefined).map(({ name }) => name)
  throw new ConfigError(`${title} is only read, expected one of ${writable.join(', ')}`)
}
