// Kernels that are not exported, each with the reason and what to do instead.

export const COMPLEX =
  'ONNX providers have no complex numbers; keep real and imaginary parts as two float32 tensors'
const DATA_DEPENDENT =
  'the shape of its result depends on values, which no GPU provider runs; use masks of a fixed shape'
const SCATTER =
  'adding at repeated indices races on the CPU provider (onnxruntime gives wrong sums on several threads); ' +
  'multiply by a 0/1 matrix instead: tf.matMul(membership, x)'
const IMAGE = 'it is not covered; resize or crop before the model runs'
const GRADIENT = 'it belongs to a gradient; export the function without it'
const RANDOM = 'it is random; pass the numbers as an input'

export const REFUSED: ReadonlyMap<string, string> = new Map([
  ...['Complex', 'ComplexAbs', 'Real', 'Imag', 'FFT', 'IFFT'].map((kernel) => [kernel, COMPLEX] as const),
  ...[
    'Bincount',
    'DenseBincount',
    'NonMaxSuppressionV3',
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'SparseFillEmptyRows',
    'SparseReshape',
    'SparseSegmentMean',
    'SparseSegmentSum',
    'Unique',
  ].map((kernel) => [kernel, DATA_DEPENDENT] as const),
  ...['ScatterNd', 'SparseToDense', 'TensorScatterUpdate', 'UnsortedSegmentSum'].map(
    (kernel) => [kernel, SCATTER] as const,
  ),
  ...['CropAndResize', 'RotateWithOffset', 'Transform'].map((kernel) => [kernel, IMAGE] as const),
  ...[
    'AvgPool3DGrad',
    'AvgPoolGrad',
    'Conv2DBackpropFilter',
    'Conv3DBackpropFilterV2',
    'Conv3DBackpropInputV2',
    'DepthwiseConv2dNativeBackpropFilter',
    'DepthwiseConv2dNativeBackpropInput',
    'Dilation2DBackpropFilter',
    'Dilation2DBackpropInput',
    'EluGrad',
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
    'it has no lowering; write one in exporters/onnx/lower, or compose the function of kernels that docs/coverage.md lists'
  )
}
