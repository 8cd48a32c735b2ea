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

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...SYMBOLS.map((symbol, z): [string, number] => [symbol.toLowerCase(), z]).slice(1),
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
  return NUMBERS.get(symbol.toLowerCase())
}

/**
 * Removes what files add to an element symbol: an oxidation state (`Ti4+`, `O2-`, `O-2`, `Fe+`, `Al0+`, `Cu(I)`), a
 * spin or property suffix (`Fe2+,spin=5`), an isotope number (`2H`), a pseudopotential tail (`Ti_sv`, `O/9f8e`).
 */
export function stripOxidation(text: string): string {
  return text
    .trim()
    .replace(/[,/_].*$/s, '')
    .replace(/^\d+(?=[A-Za-z])/, '')
    .replace(/\([IVX\d+-]*\)$/i, '')
    .replace(/[+-]?\d*\.?\d*[+-]?$/, '')
}

/** Atomic number of a symbol with or without the additions of `stripOxidation`. */
export function elementOfSymbol(text: string): number | undefined {
  return text.length > 64 ? undefined : atomicNumber(stripOxidation(text))
}

/**
 * Atomic number that an atom label or free-form type symbol stands for: `Ti1`, `O2A`, `SiT`, `LiM2`, `O-H4`, `OW1`.
 * Two letters are tried before one, so `Co1` is cobalt and `CO1`, in capitals, carbon; where `present` names the
 * elements of the compound, the reading that is among them is taken instead, so `HO1` in a hydrate is hydrogen and
 * `CA1` in a calcium compound is calcium. Water and hydroxyl labels (`Wat`, `OH`) are their oxygen.
 */
export function elementOfLabel(label: string, present?: ReadonlySet<number>): number | undefined {
  const letters = /^[^A-Za-z]{0,8}([A-Za-z]{1,3})/.exec(label)?.[1]
  if (letters === undefined) return undefined
  if (/^(?:wat|h2o)/i.test(label)) return atomicNumber('O')
  const two = letters.length > 1 ? atomicNumber(letters.slice(0, 2)) : undefined
  const one = atomicNumber(letters[0])
  if (present !== undefined) {
    if (two !== undefined && present.has(two)) return two
    if (one !== undefined && present.has(one)) return one
  }
  const mixedCase = /^[A-Z][a-z]/.test(letters)
  return mixedCase || one === undefined ? (two ?? one) : one
}
