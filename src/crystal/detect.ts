// Which format a file is in, by its name where that tells, else by its first lines.

import { type FileFormat, hasFiles, type StructureFormat } from './formats/format.ts'
import { FORMATS, type FormatName } from './formats/table.ts'

/** The format of a file; `json` for JSON of any kind. Undefined when neither name nor content tell. */
export function detectFormat(
  text: string,
  file?: string,
  formats: readonly StructureFormat[] = FORMATS,
): FormatName | undefined {
  const known = formats.filter(hasFiles)
  const named = file === undefined ? undefined : formatOfName(file, known)
  return (named ?? known.find(({ detect }) => detect(text)))?.name
}

function formatOfName(file: string, known: readonly FileFormat[]): FileFormat | undefined {
  const lower = file.toLowerCase()
  return (
    known.find(({ endings, listEndings = [] }) =>
      [...endings, ...listEndings].some((ending) => lower.endsWith(ending)),
    ) ?? known.find(({ fileName }) => fileName?.test(file))
  )
}
