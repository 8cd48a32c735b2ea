// Space groups by name: Hermann–Mauguin symbols as files write them, and International Tables numbers, to settings with
// their Hall symbols. Where a name leaves the setting open, the cell decides; where that does not, the caller tries the
// settings in the order given. Not here: the operations themselves (hall.ts).

import type { CellParameters } from '../cell.ts'
import { SPACE_GROUP_TABLE } from './space-group-table.ts'

export interface Setting {
  /** International Tables number, 1 to 230. */
  readonly number: number
  /** What tells this setting from the group's others: `b1`, `2`, `H`, `cab`, or empty. */
  readonly choice: string
  readonly hall: string
  /** Hermann–Mauguin symbol, without subscripts: `P 42/m n m`. */
  readonly symbol: string
}

/**
 * What the letter e (two glide planes in one, since 1992) was before, where it decides between two settings that are
 * otherwise written alike: International Tables A, table 4.3.2.1, by Hall number.
 */
const E_GLIDE: ReadonlyMap<number, string> = new Map([
  ...[...'abbcca'].map((letter, i): [number, string] => [316 + i, letter]),
  ...[...'aabbbbccccaa'].map((letter, i): [number, string] => [322 + i, letter]),
])

interface Tables {
  readonly byNumber: readonly (readonly Setting[])[]
  readonly bySymbol: ReadonlyMap<string, readonly Setting[]>
}

let tables: Tables | undefined

function spaceGroups(): Tables {
  if (tables !== undefined) return tables
  const byNumber: Setting[][] = [[]]
  const bySymbol = new Map<string, Setting[]>()
  const add = (key: string, setting: Setting) => {
    const settings = bySymbol.get(key) ?? []
    // An alias never takes a symbol away from the group that bears it.
    if (settings.length === 0 || (settings[0].number === setting.number && !settings.includes(setting))) {
      bySymbol.set(key, [...settings, setting])
    }
  }
  const aliases: [string, Setting][] = []
  let hallNumber = 0
  for (const [i, line] of SPACE_GROUP_TABLE.trim().split('\n').entries()) {
    byNumber.push([])
    for (const text of line.split('; ')) {
      hallNumber++
      const [choice, hall, symbol, full = symbol] = text.split('|')
      const setting = { number: i + 1, choice, hall, symbol }
      byNumber[i + 1].push(setting)
      for (const name of [symbol, full]) {
        add(compressed(name), setting)
        for (const alias of otherNames(name, setting, hallNumber)) aliases.push([compressed(alias), setting])
      }
    }
  }
  for (const [key, setting] of aliases) add(key, setting)
  for (const centring of 'ABCIF') {
    bySymbol.set(`${centring}1`.toLowerCase(), [extra(1, `${centring} 1`, `${centring} 1`)])
    bySymbol.set(`${centring}-1`.toLowerCase(), [extra(2, `-${centring} 1`, `${centring} -1`)])
  }
  return (tables = { byNumber, bySymbol })
}

function extra(number: number, hall: string, symbol: string): Setting {
  return { number, choice: '', hall, symbol }
}

function otherNames(name: string, { number }: Setting, hallNumber: number): string[] {
  // Short monoclinic symbols leave the axes without symmetry out: P 1 21/n 1 is P 21/n.
  if (number >= 3 && number <= 15) return [name.replace(/ 1(?= |$)/g, '')]
  // Before 1983 the threefold axis of a centrosymmetric cubic group had no bar: F d 3 m.
  if (number >= 200) return [name.replace('-3', '3')]
  const letters = E_GLIDE.get(hallNumber) ?? 'abc'
  return name.includes('e') ? [...letters].map((letter) => name.replace('e', letter)) : []
}

function compressed(symbol: string): string {
  return symbol.toLowerCase().replace(/[\s_(){}'"]/g, '')
}

/** All settings of International Tables number `n`; none when there is no such group. */
export function settingsOfNumber(n: number): readonly Setting[] {
  return spaceGroups().byNumber[n] ?? []
}

/**
 * The settings a Hermann–Mauguin symbol can mean: `P 42/m n m`, `P42/mnm`, `P 4(2)/mnm`, `F d -3 m :2`, `R -3 m H`,
 * `F d 3 m Z`, old and full symbols. None when it is not known.
 */
export function settingsOfSymbol(text: string): readonly Setting[] {
  if (text.length > 100) return []
  let symbol = text.trim()
  let choice: string | undefined
  const suffix = /:\s*([\w-]+)\s*$/.exec(symbol) ?? /\(?\s*origin\s*(?:choice)?\s*([12])\s*\)?$/i.exec(symbol)
  // Inorganic databases end a symbol in H or R (axes of a rhombohedral lattice), S or Z (origin choice 1 or 2).
  const letter = suffix === null ? /(?<=^R.*[\dmcn])\s*([HR])$|(?<=\S)\s*([SZ])$/.exec(symbol) : null
  const end = suffix ?? letter
  if (end !== null) {
    const written = end[1] ?? end[2]
    choice = ({ S: '1', Z: '2' } as Record<string, string>)[letter ? written : ''] ?? written
    symbol = symbol.slice(0, end.index)
  }
  // Macromolecular crystallography writes H 3 2 for R 3 2 on hexagonal axes.
  if (/^H\s*-?3/.test(symbol)) {
    symbol = `R${symbol.slice(1)}`
    choice ??= 'H'
  }
  const settings = spaceGroups().bySymbol.get(compressed(symbol)) ?? []
  if (choice === undefined) return settings
  const named = settings.filter((s) => s.choice.toLowerCase() === choice.toLowerCase())
  return named.length > 0 ? named : settings
}

/** Lengths in relative terms and angles in degrees that count as equal when a cell chooses a setting. */
const SAME_LENGTH = 1e-3
const SAME_ANGLE = 0.05

/**
 * Of the settings a name leaves open, those the cell allows, the conventional one first: rhombohedral axes where all
 * lengths and angles are equal, the monoclinic axis where the angle is not 90°. Two remain only where the origin choice
 * is open; choice 2, with the origin at a centre of symmetry, comes first.
 */
export function settingsForCell(settings: readonly Setting[], cell: CellParameters): readonly Setting[] {
  const [a, b, c, ...angles] = cell
  const rhombohedral =
    Math.abs(a - b) < SAME_LENGTH * a &&
    Math.abs(b - c) < SAME_LENGTH * a &&
    Math.max(...angles) - Math.min(...angles) < SAME_ANGLE
  const oblique = ['a', 'b', 'c'].filter((_, i) => Math.abs(angles[i] - 90) > SAME_ANGLE)
  const fits = settings.filter(({ number, choice }) => {
    if (choice === 'H' || choice === 'R') return (choice === 'R') === rhombohedral
    const monoclinic = number >= 3 && number <= 15 && oblique.length === 1
    return !monoclinic || choice.replace(/[-\d]/g, '') === oblique[0]
  })
  const first = fits[0] ?? settings[0]
  if (first === undefined) return []
  const other = first.choice.startsWith('1')
    ? settings.find((s) => s.number === first.number && s.choice === `2${first.choice.slice(1)}`)
    : undefined
  return other ? [other, first] : [first]
}
