// Which format a file is in, by its name where that tells, else by its first lines.

import type { StructureFormat } from './formats/format.ts'
import { formatOf } from './formats/known.ts'
import { FORMATS, type FormatName } from './formats/table.ts'

/** The format of a file; `json` for JSON of any kind. Undefined when neither name nor content tell. */
export function detectFormat(
  text: string,
  file?: string,
  formats: readonly StructureFormat[] = FORMATS,
): FormatName | undefined {
  return formatOf(text, file, formats)
}
