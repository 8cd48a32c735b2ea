// All rows of the kernel tests.

import { binaryRows, unaryRows } from './elementwise.ts'
import { matrixRows } from './matrix.ts'
import { reduceRows } from './reduce.ts'
import type { Row } from './row.ts'
import { scatterRows } from './scatter.ts'
import { selectRows } from './select.ts'
import { shapeRows } from './shape.ts'
import { sizeRows } from './sizes.ts'
import { windowRows } from './windows.ts'

export const ROWS: readonly Row[] = [
  ...unaryRows,
  ...binaryRows,
  ...reduceRows,
  ...selectRows,
  ...shapeRows,
  ...matrixRows,
  ...sizeRows,
  ...scatterRows,
  ...windowRows,
]
