// The table of lowerings. A kernel's lowering is exported under the kernel's name from the file of its kind.

import * as activation from './activation.ts'
import * as binary from './binary.ts'
import * as blocks from './blocks.ts'
import * as convolution from './convolution.ts'
import * as einsum from './einsum.ts'
import * as fourier from './fourier.ts'
import * as gather from './gather.ts'
import type { Lowering } from './lowering.ts'
import * as make from './make.ts'
import * as matmul from './matmul.ts'
import * as normalise from './normalise.ts'
import * as pool from './pool.ts'
import * as reduce from './reduce.ts'
import * as resize from './resize.ts'
import * as sample from './sample.ts'
import * as scatter from './scatter.ts'
import * as select from './select.ts'
import * as shape from './shape.ts'
import * as stridedSlice from './strided-slice.ts'
import * as trigonometry from './trigonometry.ts'
import * as unary from './unary.ts'

const { fusedTail: _, ...activations } = activation

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>(
  Object.entries({
    ...activations,
    ...binary,
    ...blocks,
    ...convolution,
    ...einsum,
    ...fourier,
    ...gather,
    ...make,
    ...matmul,
    ...normalise,
    ...pool,
    ...reduce,
    ...resize,
    ...sample,
    ...scatter,
    ...select,
    ...shape,
    ...stridedSlice,
    ...trigonometry,
    ...unary,
  }),
)
