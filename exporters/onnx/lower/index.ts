// The table of lowerings. A kernel's lowering is exported under the kernel's name from the file of its kind.

import * as activation from './activation.ts'
import * as binary from './binary.ts'
import * as einsum from './einsum.ts'
import * as gather from './gather.ts'
import * as image from './image.ts'
import type { Lowering } from './lowering.ts'
import * as make from './make.ts'
import * as matmul from './matmul.ts'
import * as reduce from './reduce.ts'
import * as resize from './resize.ts'
import * as shape from './shape.ts'
import * as stridedSlice from './strided-slice.ts'
import * as trigonometry from './trigonometry.ts'
import * as unary from './unary.ts'

const { fusedTail: _, ...activations } = activation

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>(
  Object.entries({
    ...activations,
    ...binary,
    ...einsum,
    ...gather,
    ...image,
    ...make,
    ...matmul,
    ...reduce,
    ...resize,
    ...shape,
    ...stridedSlice,
    ...trigonometry,
    ...unary,
  }),
)
