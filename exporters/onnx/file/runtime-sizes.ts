// Sizes that only the running graph knows: Shape of an input, and what sizes.ts makes of such. They are the only int64
// arithmetic in a file; each is computed once.

import { ExportError } from '../../../src/errors.ts'
import { type Factor, format, type Shape, type Size, symbolName, type Term, termsOf } from '../sizes.ts'
import type { FileNode, FileTensor } from './graph.ts'
import type { Names } from './names.ts'

export interface RuntimeSizes {
  /** The name of an int64 vector that holds these sizes. */
  readonly vector: (sizes: Shape) => string
  readonly initializers: readonly FileTensor[]
}

/** Where a symbol can be read off: an axis of an input, or of what holds as many as values tell. */
export type SymbolOrigins = (
  symbol: string,
) => { readonly tensor: string | undefined; readonly axis: number } | undefined

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
      return termsOf(size)
        .map(product)
        .reduce((sum, term) => node('Add', [sum, term], 'sum'))
    })
  }

  function product({ coefficient, factors }: Term): string {
    const given = factors.map((factor) => factorOf(factor))
    if (coefficient !== 1 || given.length === 0) given.push(constant([coefficient]))
    return given.reduce((all, factor) => node('Mul', [all, factor], 'product'))
  }

  /** Quotients are of sizes from 0 up, where Div, which drops the fraction, rounds down. */
  function factorOf(factor: Factor): string {
    if (typeof factor === 'string') return once(factor, () => shapeOf(factor))
    const { kind, of } = factor
    if (kind === 'excess') {
      return once(`excess ${format(of)}`, () => node('Max', [single(of), constant([0])], 'excess'))
    }
    const { by } = factor
    return once(`floor ${format(of)} ${format(by)}`, () => node('Div', [single(of), single(by)], 'quotient'))
  }

  function shapeOf(symbol: string): string {
    const origin = origins(symbol)
    if (origin?.tensor === undefined) {
      throw new ExportError(`the size ${symbol} is no axis of an input that the outputs depend on`)
    }
    return node('Shape', [origin.tensor], symbol, { start: origin.axis, end: origin.axis + 1 })
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
