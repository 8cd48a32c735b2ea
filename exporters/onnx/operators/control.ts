// Operators that hold graphs, which say what types and sizes they give.

import { ExportError } from '../../../src/errors.ts'
import { isNested } from '../values.ts'
import type { Infer } from './operator.ts'

/** @param key the attribute with the graph */
const holding =
  (key: string): Infer =>
  ({ op, attrs }) => {
    const nested = attrs[key]
    if (!isNested(nested) || !nested.types) throw new ExportError(`${op} needs a graph ${key}`)
    return nested.types
  }

export const controls: Readonly<Record<string, Infer>> = { If: holding('then_branch'), Loop: holding('body') }
