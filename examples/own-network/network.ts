// A network of one's own, all of it: hyper-parameters, shapes of the weights, and a function of the images around every
// atom. Every atom gathers what its neighbours send it, through a filter of the distance (Schütt et al., SchNet, 2017):
//
//     v_i ← v_i + W₂·softplus(Σ_(j,n) c(r)·F(r) ⊙ W₁ v_j)

import * as tf from '@tensorflow/tfjs-core'
import { defineNetwork, ELEMENTS, linear } from 'crystal-onnx/models'

export const network = defineNetwork({
  name: 'pair-filter',
  title: 'pair filter network',
  // Threads of training load the network from this file.
  module: import.meta.url,
  defaults: { model_dim: 32, num_layers: 2, num_gaussians: 24, cutoff: 6 },
  radius: ({ cutoff }) => cutoff,
  // Distances alone count, so that atoms which a symmetry of the crystal takes into each other are computed once.
  symmetry: 'all',

  parameters({ model_dim: d, num_layers: layers, num_gaussians: gaussians, num_targets: targets }) {
    const shapes: Record<string, number[]> = { 'embedding.weight': [d, ELEMENTS] }
    for (let l = 0; l < layers; l++) {
      shapes[`layers.${l}.in.weight`] = [d, d]
      shapes[`layers.${l}.filter.weight`] = [d, gaussians]
      shapes[`layers.${l}.out.weight`] = [d, d]
      shapes[`layers.${l}.out.bias`] = [d]
    }
    shapes['hidden.weight'] = [d, d]
    shapes['hidden.bias'] = [d]
    shapes['head.weight'] = [targets, d]
    shapes['head.bias'] = [targets]
    return shapes
  },
  lastLayer: 'head',

  forward(weights, { model_dim: d, num_layers: layers, num_gaussians: gaussians, cutoff }, batch) {
    const [atoms, perNeighbour, neighbours] = batch.mask.shape
    const distance = tf.sqrt(batch.squared)
    const basis = gaussiansOf(distance, gaussians, cutoff)
    // c(r): an image fades out towards the cutoff, so that none of them jumps in or out.
    const within = tf.clipByValue(tf.mul(distance, Math.PI / cutoff), 0, Math.PI)
    const share = tf.mul(tf.mul(tf.add(tf.cos(within), 1), 0.5), batch.mask)
    const weight = tf.reshape(share, [atoms, perNeighbour, neighbours, 1])

    let v = batch.embed(weights['embedding.weight'])
    for (let l = 0; l < layers; l++) {
      const part = (name: string) => weights[`layers.${l}.${name}`] as tf.Tensor2D
      const sent = batch.of(tf.matMul(v, part('in.weight'), false, true))
      const filter = tf.matMul(basis, part('filter.weight'), false, true)
      const filters = tf.reshape(filter, [atoms, perNeighbour, neighbours, d])
      const messages = tf.mul(tf.mul(filters, weight), sent)
      const sum = tf.sum(tf.reshape(messages, [atoms, perNeighbour * neighbours, d]), 1)
      v = tf.add(v, linear(tf.softplus(sum), part('out.weight'), part('out.bias')))
    }
    const pooled = batch.mean(v)
    const hidden = linear(pooled, weights['hidden.weight'], weights['hidden.bias'])
    return linear(tf.softplus(hidden), weights['head.weight'], weights['head.bias'])
  },
})

/** exp(−(r/Δ − k)²) for centres k·Δ from 0 to the cutoff, [A·M·S, K]. */
function gaussiansOf(distance: tf.Tensor, count: number, cutoff: number): tf.Tensor2D {
  const centres = tf.tensor2d([Array.from({ length: count }, (_, k) => k)])
  const steps = tf.reshape(tf.mul(distance, (count - 1) / cutoff), [distance.size, 1])
  return tf.exp(tf.neg(tf.square(tf.sub<tf.Tensor2D>(steps, centres))))
}
