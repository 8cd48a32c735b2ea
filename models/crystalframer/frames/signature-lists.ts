// The polynomials of signature.ts as lists of products, for kernels: their tables have 580 numbers that are not 0 among
// twelve thousand.

import { axialTerms, contraction, handedness, monomials, multiplicity, turn } from './monomials.ts'
import { ProductList } from './product-list.ts'
import { AXIAL, COSINE, HANDED, SIDE, WEIGHTS } from './signature-weights.ts'

/** Coefficients of a polynomial beside e1, and of the moments: of the monomials of degree 1 to 4. */
const MOMENTS = monomials(1, 2, 3, 4).length
/** Coefficients of the signature: of the monomials of degree 1 to 5. */
const OF_ALL = monomials(1, 2, 3, 4, 5).length
/** Where the monomials of a degree begin. */
const BEGIN = [0, 1, 2, 3, 4].map(
  (degree) => monomials(...[1, 2, 3].filter((lower) => lower < degree)).length,
)

const moment = (degree: number) => 1 + BEGIN[degree]

/** The signature from the moments, and those by the squares of the weights. */
export function signatureOfAll(): ProductList {
  const list = new ProductList(2 * MOMENTS)
  const out = list.take(OF_ALL)
  for (const degree of [4, 3, 2, 1]) addAlong(list, out + BEGIN[degree], moment(degree), degree)
  list.addTable(out, HANDED, handedness(), moment(1), moment(3), monomials(3, 4).length)
  for (const degree of [3, 4]) {
    for (const { to, factor, x, y } of axialTerms(degree)) {
      list.add(out + to, AXIAL * factor, moment(degree) + x, MOMENTS + moment(degree) + y)
    }
  }
  return list
}

/** The signature beside e1 from the moments and e1. */
export function signatureBeside(): ProductList {
  const list = new ProductList(MOMENTS + 3)
  const e1 = 1 + MOMENTS
  const lower = [0, 1, 2, 3].map((degree) => (degree > 0 ? list.take(monomials(degree).length) : 0))
  const out = list.take(MOMENTS)
  let tensor = moment(4)
  for (let degree = 4; degree >= 1; degree--) {
    const to = out + BEGIN[degree]
    addAlong(list, to, tensor, degree)
    list.addTable(to, SIDE * WEIGHTS[degree - 1], turn(degree), tensor, e1, 3)
    if (degree === 1) break
    const next = lower[degree - 1]
    monomials(degree - 1).forEach((_, n) => {
      list.add(next + n, 1, moment(degree - 1) + n)
      if (degree === 2) list.add(next + n, COSINE, e1 + n)
    })
    list.addTable(next, 1, contraction(degree), tensor, e1, 3)
    tensor = next
  }
  return list
}

/** c_d·X(û, …, û) of the moment of degree d that begins at `tensor`. */
function addAlong(list: ProductList, to: number, tensor: number, degree: number): void {
  monomials(degree).forEach((m, n) => {
    list.add(to + n, WEIGHTS[degree - 1] * multiplicity(m), tensor + n)
  })
}
