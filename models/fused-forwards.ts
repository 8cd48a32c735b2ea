// What the fused engine can be told to compute, loaded as one: bundlers put what several files share into a file of its
// own, which may then be evaluated too late.

export { attentionInKernels } from './attention/fused.ts'
export { ensembleInKernels } from './ensemble/fused.ts'
