// Polynomials of a direction by their coefficients: monomials x^a y^b z^c by degree, products, and the linear maps
// between symmetric tensors of which the signature is made. Plain numbers; the tensors are in signature.ts.

/** Exponents of x, y and z. */
export type Monomial = readonly [number, number, number]

/** A matrix as rows of numbers. */
export type Table = number[][]

/** ε_abc for the permutations of x, y, z. */
const PERMUTATIONS = [
  [0, 1, 2, 1],
  [1, 2, 0, 1],
  [2, 0, 1, 1],
  [0, 2, 1, -1],
  [2, 1, 0, -1],
  [1, 0, 2, -1],
] as const
const AXES = [0, 1, 2]

/** All monomials of some degrees, one degree after the other. */
export function monomials(...degrees: number[]): Monomial[] {
  const all: Monomial[] = []
  for (const degree of degrees)
    for (let a = degree; a >= 0; a--) for (let b = degree - a; b >= 0; b--) all.push([a, b, degree - a - b])
  return all
}

/** How often a monomial occurs in (x + y + z)^degree. */
export function multiplicity([a, b, c]: Monomial): number {
  return factorial(a + b + c) / (factorial(a) * factorial(b) * factorial(c))
}

/**
 * Coefficients of polynomials of some degrees as those of polynomials with the same values for |û| = 1, of two degrees
 * that follow each other: times x² + y² + z² until it is one of them. [to, from]
 */
export function onSphere(from: readonly number[], to: readonly [number, number]): Table {
  const columns = monomials(...from).map((m) => {
    let terms: Monomial[] = [m]
    const target = to.find((degree) => (degree - degreeOf(m)) % 2 === 0)!
    for (let degree = degreeOf(m); degree < target; degree += 2) {
      terms = terms.flatMap((t) => AXES.map((c) => times(times(t, axis(c)), axis(c))))
    }
    return terms.map(String)
  })
  return monomials(...to).map((m) => columns.map((terms) => terms.filter((t) => t === String(m)).length))
}

/**
 * X(e) by the products of the components of a symmetric tensor X of a degree and of a vector e: the tensor of the next
 * lower degree, [3·n, n'].
 */
export function contraction(degree: number): Table {
  const table = productTable(monomials(degree), monomials(1), monomials(degree - 1))
  for (const n of monomials(degree - 1)) for (const c of AXES) table.add(times(n, axis(c)), axis(c), n, 1)
  return table.rows
}

/** ε_abc X_b… Y_c… of two symmetric tensors of a degree, summed over all other indices: a term for each product. */
export function axialTerms(degree: number): { to: number; factor: number; x: number; y: number }[] {
  const rows = monomials(degree).map(String)
  const at = (m: Monomial, c: number) => rows.indexOf(String(times(m, axis(c))))
  return monomials(degree - 1).flatMap((rest) =>
    PERMUTATIONS.map(([to, b, c, sign]) => ({
      ...{ to, factor: sign * multiplicity(rest) },
      ...{ x: at(rest, b), y: at(rest, c) },
    })),
  )
}

/** The polynomial X(û, …, û, e × û) of û by the same products, [3·n, n]. */
export function turn(degree: number): Table {
  const table = productTable(monomials(degree), monomials(1), monomials(degree))
  for (const n of monomials(degree - 1)) {
    for (const [a, b, c, sign] of PERMUTATIONS) {
      table.add(times(n, axis(a)), axis(b), times(n, axis(c)), sign * multiplicity(n))
    }
  }
  return table.rows
}

/**
 * The polynomial Σ_n P_n·(s + s²)·det[û, s·(v + M û) + M r_n, r_n] of û, s = û·r_n, by the products of the components
 * of v and M with those of T and Q, the moments of degree 1 to 4 of the P_n: [9·25, 55], degrees 1 to 5.
 */
export function handedness(): Table {
  const table = productTable(monomials(1, 2), monomials(3, 4), monomials(1, 2, 3, 4, 5))
  for (const [a, b, c, sign] of PERMUTATIONS) {
    for (const n of monomials(2, 3)) {
      const factor = sign * multiplicity(n)
      const moment = times(axis(c), n)
      table.add(axis(b), moment, times(axis(a), n), factor)
      for (const d of AXES) {
        table.add(times(axis(b), axis(d)), moment, times(times(axis(a), axis(d)), n), factor)
      }
    }
    for (const n of monomials(1, 2)) {
      for (const d of AXES) {
        const moment = times(times(axis(c), axis(d)), n)
        table.add(times(axis(b), axis(d)), moment, times(axis(a), n), sign * multiplicity(n))
      }
    }
  }
  return table.rows
}

/** Zeros to add to: a row for every product of the components of two tensors, a column for every one of a third. */
function productTable(left: readonly Monomial[], right: readonly Monomial[], result: readonly Monomial[]) {
  const places = (all: readonly Monomial[]) => new Map(all.map((m, n) => [String(m), n]))
  const [first, second, column] = [left, right, result].map(places)
  const rows: Table = Array.from({ length: left.length * right.length }, () => result.map(() => 0))
  const add = (x: Monomial, y: Monomial, of: Monomial, value: number) => {
    const row = first.get(String(x))! * right.length + second.get(String(y))!
    rows[row][column.get(String(of))!] += value
  }
  return { rows, add }
}

function degreeOf([a, b, c]: Monomial): number {
  return a + b + c
}

function times(m: Monomial, n: Monomial): Monomial {
  return [m[0] + n[0], m[1] + n[1], m[2] + n[2]]
}

function axis(c: number): Monomial {
  return [c === 0 ? 1 : 0, c === 1 ? 1 : 0, c === 2 ? 1 : 0]
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}
