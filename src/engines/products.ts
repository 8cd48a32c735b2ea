// Lists of products evaluated on a heap (assembly/products.ts).

import * as tf from '@tensorflow/tfjs-core'
import type { ProductList } from '../../models/crystalframer/frames/product-list.ts'
import { type Heap, run } from './heap.ts'

/**
 * The last `outputs` slots [A, H, outputs] of every row of the inputs [A, H, …], one or two tensors side by side. H
 * must be a multiple of 4.
 */
export function evaluateProducts(
  heap: Heap,
  { slots, places, factors }: ProductList,
  inputs: readonly tf.Tensor[],
  outputs: number,
): tf.Tensor3D {
  const [first, second] = inputs
  const [atoms, heads] = first.shape as [number, number]
  const widths = [first.shape[2]!, second?.shape[2] ?? 0]
  return tf.tidy(() => {
    const lists = [tf.tensor1d(places, 'int32'), tf.tensor1d(factors)]
    return run(
      heap,
      'sumsOfProducts',
      [atoms * heads, ...widths, slots, outputs, factors.length],
      [first, second ?? first, ...lists],
      { out: [atoms, heads, outputs] },
      4 * slots,
    ).out as tf.Tensor3D
  })
}
