// What a list of formats is asked: which one a name or a text means, and what they are called. The list is the caller's: a
// page that reads the usual ones need not load the others.

import { ConfigError } from '../../errors.ts'
import { type FileFormat, hasFiles, isJson, type StructureFormat } from './format.ts'
import type { FormatName } from './table.ts'

/** The format of a file, by its name where that tells, else by its first lines; `json` for JSON of any kind. */
export function formatOf(
  text: string,
  file: string | undefined,
  formats: readonly StructureFormat[],
): FormatName | undefined {
  const known = formats.filter(hasFiles)
  const named = file === undefined ? undefined : formatOfName(file, known)
  return (named ?? known.find(({ detect }) => detect(text)))?.name
}

function formatOfName(file: string, known: readonly FileFormat[]): FileFormat | undefined {
  return known.find((format) => hasEnding(file, format)) ?? known.find(({ fileName }) => fileName?.test(file))
}

/** Whether the name of a file has one of the endings of a format. */
export function hasEnding(file: string, { endings, listEndings = [] }: FileFormat): boolean {
  const lower = file.toLowerCase()
  return [...endings, ...listEndings].some((ending) => lower.endsWith(ending))
}

/** All of them for a text: "CIF, POSCAR, …, and JSON of OPTIMADE, pymatgen or …". */
export function listOfFormats(formats: readonly StructureFormat[]): string {
  const files = formats.filter((format) => !isJson(format)).map(({ title }) => title)
  const kinds = formats.filter(isJson).map(({ title }) => title)
  return `${files.join(', ')}, and JSON of ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
}

/** @throws ConfigError */
export function formatNamed(name: FormatName, formats: readonly StructureFormat[]): StructureFormat {
  const found = formats.find((format) => format.name === name)
  if (found) return found
  const names = formats.map(({ name }) => name).join(', ')
  throw new ConfigError(`format ${JSON.stringify(name)} is not known, expected one of ${names}`)
}
