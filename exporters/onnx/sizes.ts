// The algebra of symbolic sizes: polynomials with integer coefficients over named symbols, such as 2*A*S + 1.
// A size that is the same at every run is a plain number. Nothing here knows of tensors or graphs.

/** Coefficients by monomial. A monomial is its symbols, sorted and joined by `*`; the constant term has the key ''. */
export interface Polynomial {
  readonly terms: ReadonlyMap<string, number>
}

/** A number, or a polynomial that is no number. */
export type Size = number | Polynomial
export type Shape = readonly Size[]
/** The value of each symbol. */
export type Sizes = Readonly<Record<string, number>>

const termsOf = (size: Size): ReadonlyMap<string, number> =>
  typeof size === 'number' ? new Map([['', size]]) : size.terms

function fromTerms(terms: Map<string, number>): Size {
  for (const [monomial, coefficient] of terms) if (coefficient === 0) terms.delete(monomial)
  if (terms.size === 0) return 0
  return terms.size === 1 && terms.has('') ? terms.get('')! : { terms }
}

/** The size that `name` stands for. */
export function symbol(name: string): Size {
  return { terms: new Map([[name, 1]]) }
}

export function add(a: Size, b: Size): Size {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  const sum = new Map(termsOf(a))
  for (const [monomial, coefficient] of termsOf(b)) {
    sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient)
  }
  return fromTerms(sum)
}

export function multiply(a: Size, b: Size): Size {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const product = new Map<string, number>()
  for (const [m, c] of termsOf(a)) {
    for (const [n, d] of termsOf(b)) {
      const key = [...m.split('*'), ...n.split('*')].filter(Boolean).sort().join('*')
      product.set(key, (product.get(key) ?? 0) + c * d)
    }
  }
  return fromTerms(product)
}

export const subtract = (a: Size, b: Size): Size => add(a, multiply(b, -1))

/** Number of elements of a tensor. */
export const volume = (shape: Shape): Size => shape.reduce<Size>(multiply, 1)

export function equal(a: Size, b: Size): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  if (a === b) return true
  if (a.terms.size !== b.terms.size) return false
  for (const [monomial, coefficient] of a.terms) if (b.terms.get(monomial) !== coefficient) return false
  return true
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => equal(size, b[i]))

/** The number that `size` is when its symbols have these values. */
export function evaluate(size: Size, values: Sizes): number {
  if (typeof size === 'number') return size
  let sum = 0
  for (const [monomial, coefficient] of size.terms) {
    sum += monomial
      .split('*')
      .reduce((product, name) => (name ? product * values[name] : product), coefficient)
  }
  return sum
}

/** `A`, `M*S`, `2*A + 1`: also the text of a `dim_param`. Higher degrees first, the constant last. */
export function format(size: Size): string {
  if (typeof size === 'number') return String(size)
  const degree = (monomial: string) => (monomial ? monomial.split('*').length : 0)
  const terms = [...size.terms].sort(([m], [n]) => degree(n) - degree(m) || (m < n ? -1 : 1))
  return terms.map(([monomial, c], i) => `${sign(c, i)}${factor(Math.abs(c), monomial)}`).join('')
}

const sign = (c: number, i: number) => (i === 0 ? (c < 0 ? '-' : '') : c < 0 ? ' - ' : ' + ')
const factor = (c: number, monomial: string) =>
  !monomial ? String(c) : c === 1 ? monomial : `${c}*${monomial}`

export const formatShape = (shape: Shape): string => `[${shape.map(format).join(', ')}]`

/** The name of a size that is exactly one symbol. */
export function symbolName(size: Size): string | undefined {
  if (typeof size === 'number' || size.terms.size !== 1) return undefined
  const [[monomial, coefficient]] = size.terms
  return coefficient === 1 && !monomial.includes('*') ? monomial : undefined
}

/** The symbols that a size depends on. */
export const symbols = (size: Size): string[] =>
  typeof size === 'number'
    ? []
    : [...new Set([...size.terms.keys()].flatMap((m) => m.split('*').filter(Boolean)))]
