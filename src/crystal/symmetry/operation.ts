// One symmetry operation x' = W x + w on fractional coordinates, its text form `-y+1/2, x, z`, products, and groups.
// Translations are in [0, 1). Not here: Hall symbols, space-group names, what operations do to atoms.

import {
  determinant,
  dot,
  type Mat3,
  mapEntries,
  plus,
  product,
  UNIT_MATRIX,
  type Vec3,
} from '../../math/vectors.ts'

export interface Operation {
  /** W: integers, but in a centred cell that is not along the axes of the symmetry, thirds or halves, too. */
  readonly rotation: Mat3
  /** w, each in [0, 1). */
  readonly translation: Vec3
}

export const IDENTITY: Operation = { rotation: UNIT_MATRIX, translation: [0, 0, 0] }

/** No space group has more operations per conventional cell; non-standard cells may have a few times as many. */
export const MAX_OPERATIONS = 1536

/** Written decimals within this of n/24, or of n/12 in W, mean it: 0.3333, 0.667. */
const FRACTION = 1e-3

/** A pure translation. */
export function translation(w: Vec3): Operation {
  return normal(UNIT_MATRIX, w)
}

/** Numbers of an operation in `numbersOf`: W by rows, then w. */
export const NUMBERS_EACH = 12

const NUMBERS = new WeakMap<readonly Operation[], Float64Array>()

/** The numbers of all operations one after the other, for loops that run over them for every atom. */
export function numbersOf(operations: readonly Operation[]): Float64Array {
  const before = NUMBERS.get(operations)
  if (before !== undefined) return before
  const numbers = Float64Array.from(
    operations.flatMap(({ rotation, translation }) => [...rotation.flat(), ...translation]),
  )
  NUMBERS.set(operations, numbers)
  return numbers
}

/** W x + w. */
export function apply({ rotation: r, translation: t }: Operation, x: Vec3): Vec3 {
  return plus([dot(r[0], x), dot(r[1], x), dot(r[2], x)], t)
}

/** The operation that does `second` first, then `first`. */
export function compose(first: Operation, second: Operation): Operation {
  return normal(product(first.rotation, second.rotation), apply(first, second.translation))
}

/** Brings w into [0, 1) and onto exact multiples of 1/24 where it is close to one, and −0 to 0. */
export function normal(rotation: Mat3, w: Vec3): Operation {
  const exact = (t: number) => {
    const n = Math.round(t * 24)
    const snapped = Math.abs(t * 24 - n) < 1e-6 ? n / 24 : t
    return snapped - Math.floor(snapped)
  }
  return {
    rotation: mapEntries(rotation, (n) => n + 0),
    translation: [exact(w[0]), exact(w[1]), exact(w[2])],
  }
}

/** Equal for equal operations. */
export function operationKey({ rotation, translation: w }: Operation): string {
  return `${rotation.join()};${w.map((t) => Math.round(t * 1e5) % 1e5).join()}`
}

/**
 * Every product of the generators, the identity first. Undefined when there are more than `MAX_OPERATIONS`: the
 * generators are then not those of a space group in this cell.
 */
export function group(generators: readonly Operation[]): Operation[] | undefined {
  const members = new Map([[operationKey(IDENTITY), IDENTITY]])
  for (const member of members.values()) {
    for (const generator of generators) {
      const next = compose(generator, member)
      members.set(operationKey(next), members.get(operationKey(next)) ?? next)
    }
    if (members.size > MAX_OPERATIONS) return undefined
  }
  return [...members.values()]
}

/**
 * Reads `1/2-x, y+.25, Z` and the magnetic form with a time reversal `…,-1`, which does not move atoms and is dropped.
 * Decimals close to a multiple of 1/24 are taken for it. Undefined when the text is no operation of a lattice.
 */
export function parseOperation(text: string): Operation | undefined {
  if (text.length > 200) return undefined
  const parts = text.toLowerCase().replace(/\s+/g, '').replace(/[−–]/g, '-').split(',')
  // The oldest magnetic form goes on with what happens to the moment.
  if (parts.length === 6 && parts.slice(3).every((part) => /^[+-]?m/.test(part))) parts.length = 3
  if (parts.length === 4 && /^[+-]?1$/.test(parts[3])) parts.pop()
  if (parts.length !== 3) return undefined
  const rows: Vec3[] = []
  const w: number[] = []
  for (const part of parts) {
    const row = parseLinear(part)
    if (row === undefined) return undefined
    const n = Math.round(row[3] * 24)
    rows.push([row[0], row[1], row[2]])
    w.push(Math.abs(row[3] - n / 24) < FRACTION ? n / 24 : row[3])
  }
  const rotation = mapEntries(rows as unknown as Mat3, (x) => {
    const n = Math.round(x * 12)
    return Math.abs(x - n / 12) < FRACTION ? n / 12 : Number.NaN
  })
  if (!(Math.abs(Math.abs(determinant(rotation)) - 1) < 1e-9)) return undefined
  return normal(rotation, w as unknown as Vec3)
}

/**
 * The part in space of a superspace operation, `-x1,x2+1/2,-x3,-x4+1/2`: what it does to the average structure. Undefined
 * when the text is none.
 */
export function parseSuperspaceOperation(text: string): Operation | undefined {
  const [x, y, z, fourth] = text.toLowerCase().split(',', 4)
  if (fourth === undefined) return undefined
  return parseOperation([x, y, z].join().replace(/x([123])/g, (_, n) => 'xyz'[Number(n) - 1]))
}

/**
 * Coefficients of x, y, z and the constant of a linear expression such as `x-y+1/3` or `-1/2*x+z`. Undefined when it
 * is none.
 */
export function parseLinear(text: string): readonly [number, number, number, number] | undefined {
  const term = /([+-]?)(?:(\d+\.?\d*|\.\d+)(?:\/(\d+))?)?(?:\*?([xyz]))?(?:\/(\d+))?/y
  const row: [number, number, number, number] = [0, 0, 0, 0]
  while (term.lastIndex < text.length) {
    const start = term.lastIndex
    const [whole, sign, numerator, denominator, axis, divisor] = term.exec(text) ?? ['']
    const empty = numerator === undefined && axis === undefined
    if (
      whole === '' ||
      empty ||
      (start > 0 && sign === '') ||
      (divisor !== undefined && axis === undefined)
    ) {
      return undefined
    }
    const size = Number(numerator ?? 1) / Number(denominator ?? 1) / Number(divisor ?? 1)
    if (!Number.isFinite(size)) return undefined
    row[axis === undefined ? 3 : 'xyz'.indexOf(axis)] += sign === '-' ? -size : size
    term.lastIndex = start + whole.length
  }
  return text === '' ? undefined : row
}

/** `-y+1/2,x,z`, the form of International Tables and CIF. */
export function formatOperation({ rotation, translation: w }: Operation): string {
  return [0, 1, 2]
    .map((i) => {
      const terms = [0, 1, 2].map((j) => {
        const n = rotation[i][j]
        return n === 0 ? '' : `${n < 0 ? '-' : '+'}${Math.abs(n) === 1 ? '' : Math.abs(n)}${'xyz'[j]}`
      })
      return `${terms.join('').replace(/^\+/, '')}${fraction(w[i])}`
    })
    .join(',')
}

function fraction(t: number): string {
  if (t === 0) return ''
  for (const d of [2, 3, 4, 6, 8, 12, 24]) {
    if (Math.abs(t * d - Math.round(t * d)) < 1e-9) return `+${Math.round(t * d)}/${d}`
  }
  return `+${t}`
}
