// Which format a file is in, by its name where that tells, else by its first lines.

import type { Format } from './formats/reading.ts'

const BY_NAME: readonly (readonly [RegExp, Format])[] = [
  [/\.m?cif$/i, 'cif'],
  [/\.(?:json|jsonl|ndjson)$/i, 'json'],
  [/\.(?:ext)?xyz$/i, 'extxyz'],
  [/\.(?:vasp|poscar|contcar)$/i, 'poscar'],
  [/(?:^|[/\\_.-])(?:POSCAR|CONTCAR)(?:[_.\-\d][^/\\]*)?$/, 'poscar'],
]

/** The format of a file; `json` for JSON of any kind. Undefined when neither name nor content tell. */
export function detectFormat(text: string, file?: string): Format | undefined {
  const named = BY_NAME.find(([pattern]) => file !== undefined && pattern.test(file))
  return named?.[1] ?? formatOfContent(text)
}

function formatOfContent(text: string): Format | undefined {
  const start = text.trimStart()
  if (start.startsWith('{') || start.startsWith('[')) return 'json'
  if (/^data_/im.test(text)) return 'cif'
  const lines = text.slice(0, 10_000).split('\n', 5)
  if (/^\s*\d+\s*$/.test(lines[0]) && /(?:lattice|properties|pbc)\s*=/i.test(lines[1] ?? '')) return 'extxyz'
  const numbers = lines.slice(1).map((line) => line.trim().split(/\s+/).filter(isNumber).length)
  const isPoscar = (numbers[0] === 1 || numbers[0] === 3) && numbers.slice(1).every((n) => n === 3)
  return isPoscar && lines.length === 5 ? 'poscar' : undefined
}

function isNumber(word: string): boolean {
  return word !== '' && Number.isFinite(Number(word))
}
