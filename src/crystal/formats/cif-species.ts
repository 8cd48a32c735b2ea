// Who sits on a row of the atom list of a CIF: what its type symbol, else its label, stands for. One element, several with
// their shares (`0.75Si + 0.25Al`), or nothing that could be told. Not here: coordinates and occupancies of rows.

import {
  atomicNumber,
  elementOfLabel,
  elementOfSymbol,
  isUnlikely,
  lettersOf,
  namesSeveral,
  SYMBOLS,
  stripOxidation,
} from '../elements.ts'
import type { Occupant } from '../structure.ts'
import type { CifBlock } from './cif-syntax.ts'

/** Elements of a row; `shares` where the symbol says them. */
export interface RowSpecies {
  readonly elements: readonly number[]
  readonly shares?: readonly Occupant[]
  /** What was assumed. */
  readonly assumed?: string
}

/** Symbols of the compound in lower case, as far as a block names them. */
export type Present = ReadonlySet<string>

const FORMULAS = ['sum', 'iupac', 'structural', 'moiety', 'analytical'].map((t) => `_chemical_formula_${t}`)

/** The elements that a block says the compound has; they decide what an ambiguous label such as CA1 or T1 means. */
export function presentElements(block: CifBlock): Present | undefined {
  for (const tag of FORMULAS) {
    const formula = block.columns.get(tag)?.values[0]
    if (formula === undefined || formula.length > 2000) continue
    const symbols = [...formula.matchAll(/[A-Z][a-z]?/g)].map(([symbol]) => symbol)
    if (symbols.length > 0 && symbols.every((symbol) => atomicNumber(symbol) !== undefined)) {
      return new Set(symbols.map((symbol) => symbol.toLowerCase()))
    }
  }
  return undefined
}

/** What a row stands for, or why it stands for no element: the end of a sentence that begins with its name. */
type SpeciesReader = (type: string | undefined, label: string | undefined) => RowSpecies | string

/** For the rows of a block, which name few types: each is read once, and labels where a type says nothing. */
export function speciesReader(present: Present | undefined): SpeciesReader {
  const ofType = new Map<string, RowSpecies | string>()
  return (type, label) => {
    if (type === undefined) return speciesOf(type, label, present)
    const alone = ofType.get(type) ?? speciesOf(type, undefined, present)
    ofType.set(type, alone)
    return typeof alone === 'string' ? speciesOf(type, label, present) : alone
  }
}

const NO_ELEMENT = 'stands for no element; give one under _atom_site_type_symbol, or leave the row out'

function speciesOf(
  type: string | undefined,
  label: string | undefined,
  present: Present | undefined,
): RowSpecies | string {
  if (type !== undefined && /^(?:x|vac|du|dum)$/i.test(type.trim())) return NO_ELEMENT
  if (type !== undefined && type.length > 100) return NO_ELEMENT
  const shares = type === undefined ? undefined : sharesOf(type)
  if (shares !== undefined) return { elements: shares.map(({ element }) => element), shares }
  for (const name of [type, label]) {
    if (name === undefined) continue
    if (name === type ? isSeveral(type, present) : isSeveralLabel(name)) {
      return `names several elements; give their shares, such as "0.75${symbolsIn(name)[0]} + 0.25${symbolsIn(name)[1]}", or a row for each`
    }
    const symbol = name === type ? elementOfType(name) : undefined
    if (symbol !== undefined && (!isUnlikely(stripOxidation(name)) || present?.has(name.toLowerCase()))) {
      return { elements: [symbol] }
    }
    const element = elementOfLabel(name, present)
    if (element !== undefined) {
      const reading = assumedOf(name, element, present)
      if (name === type || type === undefined || reading.assumed !== undefined) return reading
      const assumed = `${JSON.stringify(type)} is no element; its label ${JSON.stringify(name)} is taken as ${SYMBOLS[element]}`
      return { ...reading, assumed }
    }
    if (symbol !== undefined && present === undefined) {
      return { elements: [symbol], assumed: `${JSON.stringify(name)} is taken as ${SYMBOLS[symbol]}` }
    }
  }
  return NO_ELEMENT
}

/** A type symbol T is tritium, which a CIF may well have. */
function elementOfType(type: string): number | undefined {
  return /^t$/i.test(stripOxidation(type)) ? atomicNumber('T') : elementOfSymbol(type)
}

/**
 * The reading of a label, or of a type that is none. What was read otherwise than it is written is said: a rare symbol, and,
 * unless the formula has the element, letters that are no symbol: `SI1`, `OW1`.
 */
function assumedOf(name: string, element: number, present: Present | undefined): RowSpecies {
  const letters = lettersOf(name) ?? ''
  const first = letters.slice(0, 2)
  const other = isUnlikely(first) && atomicNumber(first) !== element && !present?.has(first.toLowerCase())
  const exact = letters === SYMBOLS[element] || (letters === 'D' && element === 1)
  const said = exact || present?.has(SYMBOLS[element].toLowerCase())
  const assumed = other || !said ? { assumed: `${JSON.stringify(name)} is taken as ${SYMBOLS[element]}` } : {}
  return { elements: [element], ...assumed }
}

/** Whether a label names several elements: joined by a mark, or as two symbols that are no other word: `AlSi1`. */
function isSeveralLabel(label: string): boolean {
  if (/[/,|&]/.test(label)) return namesSeveral(label)
  const [, first, second] = /^([A-Z][a-z])([A-Z][a-z])(?![A-Za-z])/.exec(label) ?? []
  return first !== second && [first, second].every((symbol) => symbol && atomicNumber(symbol) !== undefined)
}

/** Whether a type symbol names several elements: joined by anything, or one behind the other as in a formula. */
function isSeveral(type: string, present: Present | undefined): boolean {
  if (namesSeveral(type)) return true
  const named = symbolsIn(type.replace(/\([IVX\d+-]*\)/g, '')).map(atomicNumber)
  const heavy = new Set(named.filter((z) => z !== undefined && z > 1))
  if (heavy.size > 1 && /[A-Za-z](?:[^A-Za-z]+|.*\s.*)[A-Za-z]/.test(type)) return true
  if (elementOfSymbol(type) !== undefined || !/^(?:[A-Z][a-z]?\d*(?:\.\d*)?)+$/.test(type)) return false
  const others = symbolsIn(type).filter((symbol) => !/^[HD]$/.test(symbol))
  if (others.length < 2 || others.some((symbol) => atomicNumber(symbol) === undefined)) return false
  // Without a formula `OW` is the oxygen of water; but no site is called Ni.
  if (/\d[A-Z]/.test(type)) return true
  return others.slice(1).some((symbol) => present?.has(symbol.toLowerCase()) ?? symbol.length === 2)
}

function symbolsIn(text: string): string[] {
  return [...text.matchAll(/[A-Z][a-z]?/g)].map(([symbol]) => symbol)
}

const NUMBER = String.raw`\d{0,6}\.\d{1,12}|\d{1,6}\.?`
const SYMBOL = String.raw`[Vv]ac?(?![a-z])|□|\[\]|[A-Z][a-z]?`
const CHARGE = String.raw`(?:\d[+-]|[+-]\d)?`
const END = String.raw`\s*(?:[,;/|&+]\s*|$)?`
/** `0.75Si`, `75% Si4+`, `0.75*Si` */
const BEFORE = new RegExp(
  String.raw`(?<share>${NUMBER})\s*(?<percent>%?)\s*\*?\s*(?<symbol>${SYMBOL})${CHARGE}${END}`,
  'y',
)
/** `Zn0.645`, `Si:0.75`, `Si4+ (0.75)` */
const BEHIND = new RegExp(
  String.raw`(?<symbol>${SYMBOL})${CHARGE}\s*[:=_(]?\s*(?<share>${NUMBER})\s*(?<percent>%?)\s*\)?${END}`,
  'y',
)

/** The elements that a symbol gives with their shares; undefined where it gives none, or some without. */
function sharesOf(type: string): Occupant[] | undefined {
  const text = type
    .trim()
    .replace(/^[([{](.*)[)\]}]$/s, '$1')
    .trim()
  if (text.length > 200 || !/\d/.test(text)) return undefined
  const parts = partsOf(text, BEFORE) ?? partsOf(text, BEHIND)
  if (parts === undefined) return undefined
  // One whole number behind or before one symbol is the number of an isotope, or of a label.
  if (parts.length === 1 && !/[.%]/.test(text)) return undefined
  if (!parts.every(({ share }) => share >= 0 && share <= 1)) return undefined
  const occupants = parts.flatMap(({ symbol, share }) => {
    const element = atomicNumber(symbol)
    return element === undefined || share === 0 ? [] : [{ element, occupancy: share }]
  })
  return occupants.length > 0 ? occupants : undefined
}

function partsOf(text: string, part: RegExp): { symbol: string; share: number }[] | undefined {
  const parts: { symbol: string; share: number }[] = []
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const { symbol, share, percent } = part.exec(text)?.groups ?? {}
    const isVacancy = /^(?:□|\[\]|[Vv]ac?)$/.test(symbol ?? '')
    if (symbol === undefined || (atomicNumber(symbol) === undefined && !isVacancy)) return undefined
    parts.push({ symbol, share: percent === '%' ? Number(share) / 100 : Number(share) })
  }
  return parts
}
