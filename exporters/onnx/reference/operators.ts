// The table of operators. Each is exported under its name from the file of its kind.

import * as along from './along.ts'
import * as arrange from './arrange.ts'
import * as binary from './binary.ts'
import type { Operator } from './call.ts'
import * as cast from './cast.ts'
import * as control from './control.ts'
import * as elementwise from './elementwise.ts'
import * as image from './image.ts'
import * as matmul from './matmul.ts'
import * as pick from './pick.ts'
import * as recurrent from './recurrent.ts'
import * as reduce from './reduce.ts'
import * as resize from './resize.ts'
import * as scatter from './scatter.ts'
import * as select from './select.ts'
import * as shape from './shape.ts'

export const EVALUATED: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  Object.entries({
    ...along,
    ...arrange,
    ...binary,
    ...cast,
    ...control,
    ...elementwise,
    ...image,
    ...matmul,
    ...pick,
    ...recurrent,
    ...reduce,
    ...resize,
    ...scatter,
    ...select,
    ...shape,
  }),
)
