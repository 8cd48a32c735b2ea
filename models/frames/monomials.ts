// Polynomials of a direction by their coefficients: monomials x^a y^b z^c by degree, and products. Plain numbers; the
// tensors made of them are in signature.ts.

/** Exponents of x, y and z. */
export type Monomial = readonly [number, number, number]

/** All monomials of a degree. */
export function monomials(degree: number): Monomial[] {
  const all: Monomial[] = []
  for (let a = degree; a >= 0; a--) for (let b = degree - a; b >= 0; b--) all.push([a, b, degree - a - b])
  return all
}

/** How often a monomial occurs in (x + y + z)^degree. */
export function multiplicity([a, b, c]: Monomial): number {
  return factorial(a + b + c) / (factorial(a) * factorial(b) * factorial(c))
}

/** Place of a monomial among those of its degree. */
export function place(m: Monomial): number {
  const degree = m[0] + m[1] + m[2]
  return monomials(degree).findIndex((other) => other.every((power, c) => power === m[c]))
}

/** x^a·y^b·z^c times another. */
export function times(m: Monomial, n: Monomial): Monomial {
  return [m[0] + n[0], m[1] + n[1], m[2] + n[2]]
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}
