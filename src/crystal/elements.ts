// The chemical elements: symbols by atomic number, and atomic numbers by symbol as files write them.
// Not here: masses, radii, or any other property; guessing an element from an atom label is `elementOfLabel`.

/** Symbols by atomic number; index 0 is unused. */
export const SYMBOLS: readonly string[] = Object.freeze([
  '',
  ...'H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr'.split(
    ' ',
  ),
  ...'Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm'.split(
    ' ',
  ),
  ...'Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr'.split(
    ' ',
  ),
  ...'Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og'.split(' '),
])

/** Both as they are written, which is how most files have them, and in lower case. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...SYMBOLS.flatMap((symbol, z): [string, number][] => [
    [symbol, z],
    [symbol.toLowerCase(), z],
  ]).slice(2),
  ['d', 1],
  ['t', 1],
])

/** Symbol of atomic number `z`, 1 to 118. */
export function symbolOf(z: number): string {
  return SYMBOLS[z]
}

/**
 * Atomic number of a bare symbol in any case (`Na`, `NA`, `na`); D and T are hydrogen. Undefined when it is no element.
 */
export function atomicNumber(symbol: string): number | undefined {
  return NUMBERS.get(symbol) ?? NUMBERS.get(symbol.toLowerCase())
}

/** Characters of a name that can be a symbol: what is longer is none, and patterns take long on it. */
const LONGEST = 64

/**
 * Removes what files add to an element symbol: an oxidation state (`Ti4+`, `O2-`, `O-2`, `Fe+`, `Al0+`, `Cu(I)`), a
 * spin or property suffix (`Fe2+,spin=5`), an isotope number (`2H`), a pseudopotential tail (`Ti_sv`, `O/9f8e`).
 */
export function stripOxidation(text: string): string {
  return text
    .slice(0, LONGEST)
    .trim()
    .replace(/[,/_].*$/s, '')
    .replace(/^\d+(?=[A-Za-z])/, '')
    .replace(/\([IVX\d+-]*\)$/i, '')
    .replace(/[+-]?\d*\.?\d*[+-]?$/, '')
}

/** Two symbols, joined by a mark or a blank: `Al/Si`, `(Fe,Mg)`, `Si4+ | Al3+`. */
const JOINED =
  /^[([{]?([A-Z][a-z]?)\d{0,4}\.?\d{0,6}[+-]?[)\]}]?\s?[\s,/;:|&+_(-]\s?[([{]?([A-Z][a-z]?)(?![a-z])/

/** Whether a text names two elements as one; hydrogen, which files attach to others (`O-H4`), does not count. */
export function namesSeveral(text: string): boolean {
  const [, first, second] = JOINED.exec(text.trim().replace(/\([IV\d+-]*\)/g, '')) ?? []
  return first !== second && [first, second].every((symbol) => (NUMBERS.get(symbol?.toLowerCase()) ?? 1) > 1)
}

/**
 * Atomic number of a symbol with or without the additions of `stripOxidation`. Undefined for several elements in one, for
 * a share (`Fe0.5`), which is no charge without its sign, and for T, which is a tetrahedral site more often than tritium.
 */
export function elementOfSymbol(text: string): number | undefined {
  if (text.length > LONGEST) return undefined
  const plain = atomicNumber(text)
  if (plain !== undefined && !/^t$/i.test(text)) return plain
  if (namesSeveral(text) || /^\s*[A-Za-z]{1,2}\d*\.\d+\s*$/.test(text)) return undefined
  const bare = stripOxidation(text)
  return /^t$/i.test(bare) ? undefined : atomicNumber(bare)
}

/** The first of the elements that no compound of more than some atoms was made of; the last have two letters of sites. */
const FIRST_UNSTABLE = 100

/**
 * Whether a symbol is less likely an element than something else: T is a tetrahedral site, too, and RE and TM in capitals
 * are any rare earth or transition metal.
 */
export function isUnlikely(symbol: string): boolean {
  return /^(?:[tT]|RE|TM)$/.test(symbol) || (atomicNumber(symbol) ?? 0) >= FIRST_UNSTABLE
}

/** Words for a place, or for atoms of any element, that begin like a symbol. */
const NO_ELEMENT =
  /^(?:vac(?:ancy)?|void|hole|oct|tet|cat(?:ion)?|an(?:i|ion)|hal(?:ogen)?|alk(?:ali)?|du(?:m(?:my)?)?|cent(?:roid)?|ghost|site|atom)$/
/** Such words that also are how the sites of one element are told apart, where the compound has it. */
const SELDOM_ELEMENT = /^(?:va|cg|bq)$/

/** Whether the letters of a name stand for a place or for any element: `Vac1`, `Oct`, `Cat2`. */
function isPlace(letters: string, present?: ReadonlySet<string>): boolean {
  const word = letters.toLowerCase()
  // In capitals they are atoms of a molecule, except for those that are written so: CAT is a carbon.
  if (/^[A-Z]{2}/.test(letters)) return /^(?:vac|void|dum)$/.test(word)
  return NO_ELEMENT.test(word) || (SELDOM_ELEMENT.test(word) && !present?.has(word[0]))
}

/**
 * Atomic number that an atom label or free-form type symbol stands for: `Ti1`, `O2A`, `SiT`, `LiM2`, `O-H4`, `OW1`.
 * Two letters are tried before one, so `Co1` is cobalt and `CO1`, in capitals, carbon; where `present` names the
 * elements of the compound by their symbols in lower case, the reading that is among them is taken instead, so `HO1` in
 * a hydrate is hydrogen and `CA1` in a calcium compound is calcium. Water and hydroxyl labels (`Wat`, `OH`) are their
 * oxygen. What is unlikely (`T1`, `Og1`) is taken only where it is among `present`; a word for a place (`Vac1`, `Oct`) is
 * no element.
 */
export function elementOfLabel(label: string, present?: ReadonlySet<string>): number | undefined {
  const letters = lettersOf(label)
  if (letters === undefined || (/[/,|&]/.test(label) && namesSeveral(label))) return undefined
  if (/^(?:wat|h2o)/i.test(label)) return atomicNumber('O')
  if (isPlace(letters, present)) return undefined
  const readings = [letters.slice(0, 2), letters[0]].map((text) => text.toLowerCase())
  if (present !== undefined) {
    const found = readings.find((symbol) => present.has(symbol) || (symbol === 'd' && present.has('h')))
    if (found !== undefined) return atomicNumber(found)
  }
  const [two, one] = [letters.slice(0, 2), letters[0]].map((symbol) =>
    isUnlikely(symbol) ? undefined : atomicNumber(symbol),
  )
  const mixedCase = /^[A-Z][a-z]/.test(letters)
  return mixedCase || one === undefined ? (two ?? one) : one
}

/** The letters that a label begins with, behind what may stand before them. */
export function lettersOf(label: string): string | undefined {
  return /^[^A-Za-z]{0,8}([A-Za-z]{1,16})/.exec(label)?.[1]
}
