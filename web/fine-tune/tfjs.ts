// Of TensorFlow.js what training needs, in the place of its whole: no layers, no data sets, no WebGL (vite.config.ts).

import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'

export * from '@tensorflow/tfjs-core'
