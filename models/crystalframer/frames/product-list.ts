// Sums of products of the numbers of a row, as a list for kernels: slot[to] += factor · slot[a] · slot[b], one after the
// other. For polynomials whose tables are nearly empty, where a product of matrices multiplies zeros.

/** Slot 0 holds 1, the next ones the inputs, the last ones the results; those between are the programmer's. */
export class ProductList {
  slots: number
  /** to, a, b of every entry */
  readonly places: number[] = []
  readonly factors: number[] = []

  constructor(inputs: number) {
    this.slots = 1 + inputs
  }

  /** The first of so many new slots, which are 0. */
  take(count: number): number {
    this.slots += count
    return this.slots - count
  }

  add(to: number, factor: number, a: number, b = 0): void {
    this.places.push(to, a, b)
    this.factors.push(factor)
  }

  /** All products of the slots from a and the `width` slots from b, the latter innermost, times a table. */
  addTable(
    to: number,
    factor: number,
    table: readonly (readonly number[])[],
    a: number,
    b: number,
    width: number,
  ) {
    table.forEach((row, n) => {
      row.forEach((value, column) => {
        if (value !== 0) this.add(to + column, factor * value, a + Math.floor(n / width), b + (n % width))
      })
    })
  }
}
