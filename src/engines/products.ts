// Sums of products of the numbers of a row, as a list: slot[to] += factor · slot[a] · slot[b], one after the other. For
// polynomials whose tables are nearly empty, where a product of matrices multiplies zeros.

import * as tf from '@tensorflow/tfjs-core'
import { type Heap, run } from './heap.ts'

/** Slot 0 holds 1, the next ones the inputs, the last ones the results; those between are the programmer's. */
export class ProductList {
  slots: number
  private readonly places: number[] = []
  private readonly factors: number[] = []

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

  /**
   * The last `outputs` slots [A, H, outputs] of every row of the inputs [A, H, …], one or two tensors side by side. H
   * must be a multiple of 4.
   */
  evaluate(heap: Heap, inputs: readonly tf.Tensor[], outputs: number): tf.Tensor3D {
    const [first, second] = inputs
    const [atoms, heads] = first.shape as [number, number]
    const widths = [first.shape[2]!, second?.shape[2] ?? 0]
    return tf.tidy(() => {
      const places = tf.tensor1d(this.places, 'int32')
      const factors = tf.tensor1d(this.factors)
      return run(
        heap,
        'sumsOfProducts',
        [atoms * heads, ...widths, this.slots, outputs, this.factors.length],
        [first, second ?? first, places, factors],
        { out: [atoms, heads, outputs] },
        4 * this.slots,
      ).out as tf.Tensor3D
    })
  }
}
