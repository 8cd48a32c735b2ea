// Sizes that only the running graph knows: Shape of an input, and products and sums of such. They are the only int64
// arithmetic in a file; each is computed once.

import { ExportError } from '../../../src/errors.ts'
import { format, type Shape, type Size, symbolName } from '../sizes.ts'
import type { FileNode, FileTensor } from './graph.ts'
import type { Names } from './names.ts'

export interface RuntimeSizes {
  /** The name of an int64 vector that holds these sizes. */
  readonly vector: (sizes: Shape) => string
  readonly initializers: readonly FileTensor[]
}

/** Where a symbol can be read off: an axis of an input. */
export type SymbolOrigins = ReadonlyMap<string, { readonly input: string; readonly axis: number }>

export function createRuntimeSizes(
  origins: SymbolOrigins,
  names: Names,
  emit: (node: FileNode) => void,
): RuntimeSizes {
  const initializers: FileTensor[] = []
  const known = new Map<string, string>()

  function node(op: string, inputs: readonly string[], label: string, attrs: FileNode['attrs'] = {}): string {
    const name = names.unique(`sizes.${label}`)
    emit({ op, name, inputs, outputs: [name], attrs })
    return name
  }

  const once = (key: string, make: () => string): string => {
    let name = known.get(key)
    if (name === undefined) known.set(key, (name = make()))
    return name
  }

  function constant(sizes: readonly number[]): string {
    return once(`[${sizes}]`, () => {
      const name = names.unique(`sizes.${sizes.join('_') || 'none'}`)
      const bytes = new Uint8Array(BigInt64Array.from(sizes, BigInt).buffer)
      initializers.push({ name, dtype: 'int64', shape: [sizes.length], bytes })
      return name
    })
  }

  /** A vector of one size. */
  function single(size: Size): string {
    if (typeof size === 'number') return constant([size])
    return once(format(size), () => {
      const symbol = symbolName(size)
      if (symbol !== undefined) return shapeOf(symbol)
      const terms = [...size.terms].map(([monomial, c]) => product(monomial, c))
      return terms.reduce((sum, term) => node('Add', [sum, term], 'sum'))
    })
  }

  function product(monomial: string, coefficient: number): string {
    const factors = monomial
      .split('*')
      .filter(Boolean)
      .map((symbol) => once(symbol, () => shapeOf(symbol)))
    if (coefficient !== 1 || factors.length === 0) factors.push(constant([coefficient]))
    return factors.reduce((all, factor) => node('Mul', [all, factor], 'product'))
  }

  function shapeOf(symbol: string): string {
    const origin = origins.get(symbol)
    if (!origin) throw new ExportError(`the size ${symbol} is no axis of an input that the outputs depend on`)
    return node('Shape', [origin.input], symbol, { start: origin.axis, end: origin.axis + 1 })
  }

  return {
    initializers,
    vector(sizes) {
      if (sizes.every((size) => typeof size === 'number')) return constant(sizes)
      if (sizes.length === 1) return single(sizes[0])
      return once(`[${sizes.map(format)}]`, () => node('Concat', sizes.map(single), 'shape', { axis: 0 }))
    },
  }
}
