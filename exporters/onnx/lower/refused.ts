// Kernels that are not exported, each with the reason and what to do instead.

const DATA_DEPENDENT =
  "how many there are depends on values, and no GPU provider has ONNX's Unique; compare each with each instead, as masks"
const STRINGS = 'ONNX graphs of numbers have no texts; split and look up before the model runs'
const SPARSE =
  'sparse and ragged tensors have sizes that depend on values; use tf.sparseToDense, or masks of a fixed shape'
const PAGE = 'it reads or draws what a page shows; take the pixels as an input, or draw the output'
const BITS = 'operators on bits came with operator set 18, and no GPU provider runs them; use arithmetic'
const SHAPES = 'it computes with shapes as tensors; broadcast the tensors themselves'
const GRADIENT = 'it belongs to a gradient; export the function without it'
const RANDOM = 'it is random; pass the numbers as an input'

export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['Unique', DATA_DEPENDENT],
  ...[
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'SparseFillEmptyRows',
    'SparseReshape',
    'SparseSegmentMean',
    'SparseSegmentSum',
  ].map((kernel) => [kernel, SPARSE] as const),
  ...['StaticRegexReplace', 'StringNGrams', 'StringSplit', 'StringToHashBucketFast'].map(
    (kernel) => [kernel, STRINGS] as const,
  ),
  ...['Draw', 'FromPixels'].map((kernel) => [kernel, PAGE] as const),
  ['BitwiseAnd', BITS],
  ...['BroadcastArgs', 'BroadcastTo'].map((kernel) => [kernel, SHAPES] as const),
  ...[
    'AvgPool3DGrad',
    'AvgPoolGrad',
    'Conv2DBackpropFilter',
    'Conv3DBackpropFilterV2',
    'DepthwiseConv2dNativeBackpropFilter',
    'DepthwiseConv2dNativeBackpropInput',
    'Dilation2DBackpropFilter',
    'Dilation2DBackpropInput',
    'LRNGrad',
    'MaxPool3DGrad',
    'MaxPoolGrad',
    'ResizeBilinearGrad',
    'ResizeNearestNeighborGrad',
  ].map((kernel) => [kernel, GRADIENT] as const),
  ['Multinomial', RANDOM],
])

/** Why `kernel` is not exported, for an error message. */
export function refusal(kernel: string): string {
  return (
    REFUSED.get(kernel) ??
    'it has no lowering; register one with registerLowering, or compose the function of kernels that docs/coverage.md lists'
  )
}
