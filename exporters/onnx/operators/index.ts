// Every ONNX operator that an exported graph may hold. A lowering cannot make a node of any other.

import { controls } from './control.ts'
import { elementwise } from './elementwise.ts'
import { matrices } from './matrix.ts'
import type { Infer } from './operator.ts'
import { recurrences } from './recurrent.ts'
import { reductions } from './reduce.ts'
import { shapes } from './shape.ts'

export const OPERATORS: ReadonlyMap<string, Infer> = new Map(
  Object.entries({ ...controls, ...elementwise, ...matrices, ...recurrences, ...reductions, ...shapes }),
)
