// The forms of data sets, a row each: what can be read, and the list of it in help texts.

import { csv } from './csv.ts'
import { folder } from './folder.ts'
import { json } from './json.ts'
import { jsonLines } from './json-lines.ts'
import type { DatasetForm } from './record.ts'
import { structures } from './structures.ts'

export const FORMS = [jsonLines, csv, folder, json, structures] as const

/** The form of a data file, or a folder. */
export type DatasetFormat = (typeof FORMS)[number]['name']

/** All of them for a help text. */
export function listOfForms(forms: readonly DatasetForm[] = FORMS): string {
  const titles = forms.map(({ title }) => title)
  return `${titles.slice(0, -1).join(', ')}, or ${titles.at(-1)}`
}
