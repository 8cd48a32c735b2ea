// The polynomials of models/crystalframer/frames/signature.ts by lists of products on a heap.

import type * as tf from '@tensorflow/tfjs-core'
import type { ProductList } from '../../models/crystalframer/frames/product-list.ts'
import {
  MOMENTS,
  OF_ALL,
  signatureBeside,
  signatureOfAll,
} from '../../models/crystalframer/frames/signature-lists.ts'
import type { Heap } from './heap.ts'
import { evaluateProducts } from './products.ts'

let ofAll: ProductList | undefined
let besides: ProductList | undefined

/** What `polynomialsOf` of signature.ts gives: the same numbers up to rounding. */
export function polynomialProducts(
  heap: Heap,
  means: tf.Tensor,
): {
  readonly ofAll: tf.Tensor3D
  readonly besides: (e1: tf.Tensor3D) => tf.Tensor3D
} {
  return {
    ofAll: evaluateProducts(heap, (ofAll ??= signatureOfAll()), [means], OF_ALL),
    besides: (e1) => evaluateProducts(heap, (besides ??= signatureBeside()), [means, e1], MOMENTS),
  }
}
