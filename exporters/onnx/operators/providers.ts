// Which of onnxruntime's providers run the operators of an exported graph. Measured for WebGPU (onnxruntime-node 1.30,
// native provider, one model an operator and type, provider read from its profile); for CUDA after its documentation.

/** Run on WebGPU in float32, and in the other types but for those below. */
export const WEBGPU: ReadonlySet<string> = new Set([
  ...[
    'Abs',
    'Add',
    'And',
    'ArgMax',
    'ArgMin',
    'AveragePool',
    'Cast',
    'Ceil',
    'Clip',
    'Concat',
    'Conv',
    'ConvTranspose',
    'Cos',
    'CumSum',
  ],
  ...[
    'Div',
    'Elu',
    'Equal',
    'Erf',
    'Exp',
    'Expand',
    'Floor',
    'Gather',
    'GatherElements',
    'GRU',
    'Greater',
    'GreaterOrEqual',
  ],
  ...[
    'Identity',
    'LSTM',
    'LayerNormalization',
    'LeakyRelu',
    'Less',
    'LessOrEqual',
    'Log',
    'MatMul',
    'Max',
    'MaxPool',
    'Min',
  ],
  ...[
    'Mul',
    'Neg',
    'Not',
    'PRelu',
    'Pad',
    'Pow',
    'Reciprocal',
    'ReduceMax',
    'ReduceMean',
    'ReduceMin',
    'ReduceProd',
    'ReduceSum',
  ],
  ...[
    'Relu',
    'Reshape',
    'Resize',
    'ScatterElements',
    'Shape',
    'Sigmoid',
    'Sin',
    'Slice',
    'Softmax',
    'Softplus',
    'Split',
    'Sqrt',
    'Squeeze',
    'Sub',
  ],
  ...['Tanh', 'Tile', 'TopK', 'Transpose', 'Unsqueeze', 'Where'],
])

/** Types of the data that WebGPU hands to the CPU: right, but with a copy there and back. */
export const WEBGPU_ON_CPU: ReadonlyMap<string, readonly string[]> = new Map([
  ['Concat', ['bool']],
  ['GatherElements', ['int32', 'bool']],
  ['Identity', ['bool']],
  ['Slice', ['int32', 'bool']],
  ['Split', ['bool']],
  ['Squeeze', ['bool']],
  ['Tile', ['bool']],
  ['TopK', ['int32']],
  ['Transpose', ['bool']],
])

/** Operators that WebGPU hands to the CPU whatever their type. */
export const NEVER_ON_WEBGPU: ReadonlySet<string> = new Set([
  ...['If', 'Loop', 'NonMaxSuppression', 'NonZero', 'Range', 'RNN'],
])

/** What WebGPU has no kernel for although it takes the operator: it says so when the file is opened or run. */
export const REFUSED_BY_WEBGPU: ReadonlyMap<string, string> = new Map([
  ['ConvTranspose', 'not of volumes'],
  ['GRU', 'not with hardSigmoid'],
  ['LSTM', 'not with hardSigmoid'],
  ['MaxPool', 'not with places'],
])

/** CUDA has no kernel for these operators, nor for any other that is not in WEBGPU. */
export const NOT_ON_CUDA: ReadonlySet<string> = new Set([
  ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Cosh', 'Det', 'Sinh', 'Tan'],
])

/** Operators whose results have sizes that values tell: no rule knows those. */
export const COUNTED_OPERATORS: readonly string[] = ['NonMaxSuppression', 'NonZero', 'Range']

/** Operators that are only in files, made from others when a graph is written. */
export const WRITTEN: readonly string[] = ['Shape', 'Squeeze', 'Unsqueeze']
