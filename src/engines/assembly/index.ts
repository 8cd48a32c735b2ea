// The WebAssembly kernels of training, in AssemblyScript. Every pointer is an offset into a heap (../heap.ts), that of
// tfjs-backend-wasm for one, whose memory this module imports; it has no data segment and no stack of its own, so
// nothing of tfjs can be overwritten. `npm run kernels` compiles this folder into ../generated/kernels.ts.

export { radialBasis } from './basis'
export { bestDirections, directionMeans, framesOf } from './directions'
export { gatherRows, scatterAddRows } from './gather'
export { matmul } from './matmul'
export { adamW, sumOfSquares } from './optimiser'
export { sumsOfProducts } from './products'
export { profileBackward, profileForward } from './profile'
export { valuesBackward, valuesForward } from './values'
export { weightsBackward, weightsForward } from './weights'
