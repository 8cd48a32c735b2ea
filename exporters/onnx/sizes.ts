// The algebra of symbolic sizes: polynomials with integer coefficients over named symbols, such as 2*A*S + 1, and over
// what rounding and limits make of such polynomials: floor((H + 1)/2), max(0, N - 64). A size that is the same at every
// run is a plain number. Equal sizes have one form where this algebra can tell. Nothing here knows of tensors or graphs.

/** ⌊of/by⌋ of sizes from 0 up. */
export interface Quotient {
  readonly kind: 'floor'
  readonly of: Size
  readonly by: Size
}

/** max(0, of). */
export interface Excess {
  readonly kind: 'excess'
  readonly of: Size
}

/** A symbol by its name, or what no polynomial is. */
export type Factor = string | Quotient | Excess

export interface Term {
  readonly coefficient: number
  /** Sorted by their texts; none for a constant. */
  readonly factors: readonly Factor[]
}

/** Terms by the text of their factors; the constant one has the key ''. */
export interface Polynomial {
  readonly terms: ReadonlyMap<string, Term>
}

/** A number, or a polynomial that is no number. */
export type Size = number | Polynomial
export type Shape = readonly Size[]
/** The value of each symbol. */
export type Sizes = Readonly<Record<string, number>>

export const termsOf = (size: Size): readonly Term[] =>
  typeof size === 'number' ? [{ coefficient: size, factors: [] }] : [...size.terms.values()]

function fromTerms(terms: Iterable<Term>): Size {
  const sum = new Map<string, Term>()
  for (const { coefficient, factors } of terms) {
    const key = factors.map(formatFactor).join('*')
    const total = (sum.get(key)?.coefficient ?? 0) + coefficient
    if (total === 0) sum.delete(key)
    else sum.set(key, { coefficient: total, factors })
  }
  if (sum.size === 0) return 0
  return sum.size === 1 && sum.has('') ? sum.get('')!.coefficient : { terms: sum }
}

const single = (factor: Factor): Size => fromTerms([{ coefficient: 1, factors: [factor] }])

/** The size that `name` stands for. */
export const symbol = (name: string): Size => single(name)

export function add(a: Size, b: Size): Size {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  return fromTerms([...termsOf(a), ...termsOf(b)])
}

export function multiply(a: Size, b: Size): Size {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const byText = (m: Factor, n: Factor) => (formatFactor(m) < formatFactor(n) ? -1 : 1)
  return fromTerms(
    termsOf(a).flatMap((m) =>
      termsOf(b).map((n) => ({
        coefficient: m.coefficient * n.coefficient,
        factors: [...m.factors, ...n.factors].sort(byText),
      })),
    ),
  )
}

export const subtract = (a: Size, b: Size): Size => add(a, multiply(b, -1))

/** ⌊a/b⌋ for b from 1 up: whole multiples of b are taken out, common factors cancelled, nested quotients joined. */
export function floorDivide(a: Size, b: Size): Size {
  if (typeof b !== 'number') return equal(a, b) ? 1 : single({ kind: 'floor', of: a, by: b })
  if (typeof a === 'number') return Math.floor(a / b)
  const whole = fromTerms(
    termsOf(a).map(({ coefficient, factors }) => ({ coefficient: Math.floor(coefficient / b), factors })),
  )
  const rest = subtract(a, multiply(whole, b))
  if (typeof rest === 'number') return add(whole, Math.floor(rest / b))
  const open = termsOf(rest).filter(({ factors }) => factors.length > 0)
  const common = open.reduce((divisor, { coefficient }) => gcd(divisor, coefficient), b)
  const reduced = fromTerms(
    termsOf(rest).map(({ coefficient, factors }) => ({
      coefficient: Math.floor(coefficient / common),
      factors,
    })),
  )
  return add(whole, quotient(reduced, b / common))
}

function quotient(of: Size, by: number): Size {
  if (by === 1) return of
  const [first, ...others] = termsOf(of).filter(({ factors }) => factors.length > 0)
  const [inner] = first?.factors ?? []
  const nested = others.length === 0 && first.factors.length === 1 && first.coefficient === 1 && inner
  if (typeof nested === 'object' && nested.kind === 'floor' && typeof nested.by === 'number') {
    // ⌊(⌊p/c⌋ + k)/d⌋ = ⌊(p + k·c)/(c·d)⌋
    const offset = subtract(of, single(nested)) as number
    return floorDivide(add(nested.of, offset * nested.by), nested.by * by)
  }
  return single({ kind: 'floor', of, by })
}

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b))

/** ⌈a/b⌉ */
export const ceilDivide = (a: Size, b: Size): Size => floorDivide(add(a, subtract(b, 1)), b)

/** max(a, b), as b + max(0, a − b); of max(0, d) and max(0, −d) = max(0, d) − d only one is in use. */
export function maximum(a: Size, b: Size): Size {
  const difference = subtract(a, b)
  if (typeof difference === 'number') return difference > 0 ? a : b
  const [leading] = [...(difference.terms as Map<string, Term>)]
    .filter(([text]) => text !== '')
    .sort(([m], [n]) => (m < n ? -1 : 1))
    .map(([, term]) => term)
  if (leading.coefficient > 0) return add(b, single({ kind: 'excess', of: difference }))
  return add(a, single({ kind: 'excess', of: multiply(difference, -1) }))
}

/** min(a, b) = a + b − max(a, b) */
export const minimum = (a: Size, b: Size): Size => subtract(add(a, b), maximum(a, b))

/** Number of elements of a tensor. */
export const volume = (shape: Shape): Size => shape.reduce<Size>(multiply, 1)

export function equal(a: Size, b: Size): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  if (a === b) return true
  if (a.terms.size !== b.terms.size) return false
  for (const [key, { coefficient }] of a.terms) {
    if (b.terms.get(key)?.coefficient !== coefficient) return false
  }
  return true
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => equal(size, b[i]))

/** Whether products and sums of symbols are all that there is: two such sizes are equal only if they look equal. */
export const isPolynomial = (size: Size): boolean =>
  termsOf(size).every(({ factors }) => factors.every((factor) => typeof factor === 'string'))

/** The number that `size` is when its symbols have these values. */
export function evaluate(size: Size, values: Sizes): number {
  if (typeof size === 'number') return size
  return termsOf(size).reduce(
    (sum, { coefficient, factors }) =>
      sum + factors.reduce<number>((product, factor) => product * factorAt(factor, values), coefficient),
    0,
  )
}

function factorAt(factor: Factor, values: Sizes): number {
  if (typeof factor === 'string') return values[factor]
  const of = evaluate(factor.of, values)
  return factor.kind === 'floor' ? Math.floor(of / evaluate(factor.by, values)) : Math.max(0, of)
}

/** `A`, `M*S`, `2*A + 1`: also the text of a `dim_param`. Higher degrees first, the constant last. */
export function format(size: Size): string {
  if (typeof size === 'number') return String(size)
  const terms = [...size.terms].sort(
    ([m, { factors: a }], [n, { factors: b }]) => b.length - a.length || (m < n ? -1 : 1),
  )
  return terms
    .map(([text, { coefficient }], i) => `${sign(coefficient, i)}${scaled(coefficient, text)}`)
    .join('')
}

function formatFactor(factor: Factor): string {
  if (typeof factor === 'string') return factor
  if (factor.kind === 'excess') return `max(0, ${format(factor.of)})`
  const [of, by] = [factor.of, factor.by].map((size) =>
    typeof size === 'number' || symbolName(size) ? format(size) : `(${format(size)})`,
  )
  return `floor(${of}/${by})`
}

const sign = (c: number, i: number) => (i === 0 ? (c < 0 ? '-' : '') : c < 0 ? ' - ' : ' + ')

function scaled(coefficient: number, text: string): string {
  const c = Math.abs(coefficient)
  if (!text) return String(c)
  return c === 1 ? text : `${c}*${text}`
}

export const formatShape = (shape: Shape): string => `[${shape.map(format).join(', ')}]`

/** The name of a size that is exactly one symbol. */
export function symbolName(size: Size): string | undefined {
  const [{ coefficient, factors }, ...others] = termsOf(size)
  const [factor] = factors
  const alone = others.length === 0 && factors.length === 1 && coefficient === 1
  return alone && typeof factor === 'string' ? factor : undefined
}

/** The symbols that a size depends on. */
export const symbols = (size: Size): string[] => [
  ...new Set(
    termsOf(size).flatMap(({ factors }) =>
      factors.flatMap((factor) => {
        if (typeof factor === 'string') return [factor]
        return [...symbols(factor.of), ...(factor.kind === 'floor' ? symbols(factor.by) : [])]
      }),
    ),
  ),
]
