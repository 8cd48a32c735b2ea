// Attention of every atom over its periodic images as one tfjs operation with its gradient, on the wasm backend. The
// same function as the tfjs formulation of models/, without slots, padding or intermediate tensors of their size.

import * as tf from '@tensorflow/tfjs-core'
import { allocate, kernelsOf, offsetOf, type WasmBackend } from './heap.ts'
import type { RadialWindows, UploadedImages } from './images.ts'

export interface AttentionInputs {
  /** Queries scaled by dk^-½, keys, values: [A, H·dk] */
  readonly q: tf.Tensor
  readonly k: tf.Tensor
  readonly v: tf.Tensor
  /** −ρ / 2r0² of each query and head: [A, H], Å⁻² */
  readonly a: tf.Tensor
  /** Projection of the radial basis, [1, H, dk, K] */
  readonly projection?: tf.Tensor
}

/**
 * out_i = Σ_f P_f (v_j + W b(r_f)) for every head, [A, H·dk], with P the softmax of q_i·k_j + a_i r_f² over all images
 * f of atom i. Taniai et al. 2024, eqs. 5 to 9. H and dk must be multiples of 4, K of 8.
 */
export function periodicAttention(
  { q, k, v, a, projection }: AttentionInputs,
  images: UploadedImages,
  windows: RadialWindows | undefined,
): tf.Tensor2D {
  const [atoms, d] = q.shape
  const heads = a.shape[1]!
  const count = windows && projection ? projection.shape[3]! : 0
  const size = { atoms, heads, channels: d! / heads, count, width: count === 0 ? 0 : windows!.width }
  // Without a position encoding of values the kernel reads none of W's numbers.
  const W = projection ?? tf.scalar(0)
  const lists = [
    images.pairStart,
    images.pairAtom,
    images.imageStart,
    images.distance2,
    windows?.start ?? images.pairStart,
    windows?.basis ?? images.distance2,
  ]
  const op = tf.customGrad<tf.Tensor2D>((...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[]
    const save = args.at(-1) as unknown as (tensors: tf.Tensor[]) => void
    const { out, z, weight, norm } = forward(inputs, lists, size)
    save([...inputs, out, z, weight, norm])
    return {
      value: out as tf.Tensor2D,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => backward(dy, saved, lists, size),
    }
  })
  return op(q, k, v, a, W)
}

interface Size {
  readonly atoms: number
  readonly heads: number
  readonly channels: number
  readonly count: number
  readonly width: number
}

function forward(inputs: readonly tf.Tensor[], lists: readonly tf.Tensor[], size: Size) {
  const { atoms, heads, channels, count, width } = size
  const backend = tf.backend() as WasmBackend
  const shapes = {
    out: [atoms, heads * channels],
    z: [atoms, heads, count],
    weight: [lists[3].size, heads],
    norm: [atoms, heads],
  }
  const results = mapValues(shapes, (shape) => allocate(backend, shape))
  const scratch = allocate(backend, [3 * heads])
  const at = (x: tf.TensorInfo) => offsetOf(backend, x)
  kernelsOf(backend).attentionForward(
    ...[atoms, heads, channels, count, width],
    ...[...inputs, ...lists].map(at),
    ...[results.out, results.z, results.weight, results.norm, scratch].map(at),
  )
  backend.disposeData(scratch.dataId)
  return mapValues(results, (info) => tf.engine().makeTensorFromTensorInfo(info))
}

function backward(
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  lists: readonly tf.Tensor[],
  { atoms, heads, channels, count, width }: Size,
): tf.Tensor[] {
  const backend = tf.backend() as WasmBackend
  const [q, k, v, a, W, ...forwardResults] = saved
  const gradients = [q, k, v, a, W].map((x) => allocate(backend, x.shape))
  const scratch = allocate(backend, [heads * (count + 4)])
  const at = (x: tf.TensorInfo) => offsetOf(backend, x)
  kernelsOf(backend).attentionBackward(
    ...[atoms, heads, channels, count, width],
    ...[q, k, v, W, ...lists, ...forwardResults, dy, ...gradients, scratch].map(at),
  )
  backend.disposeData(scratch.dataId)
  return gradients.map((info) => tf.engine().makeTensorFromTensorInfo(info))
}

function mapValues<K extends string, A, B>(record: Record<K, A>, f: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, f(value)])) as Record<K, B>
}
