// Sizes that only values tell: how many boxes are left, how many elements are true. Each is a symbol of its own, as the sizes
// of inputs are; while a function is recorded, some number stands for it.

/** Kernels whose results are as long as values tell, and what is counted. */
export const COUNTED: ReadonlyMap<string, string> = new Map([
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'].map(
    (kernel) => [kernel, 'selected'] as const,
  ),
])

export interface Counts {
  /** A new one. @param within a step, which is recorded by itself later on, or never */
  readonly take: (what: string, within: boolean) => { readonly symbol: string; readonly size: number }
  /** Symbols, in order. */
  readonly taken: readonly string[]
}

/** Stands for a size before anybody knows that it is one, and within a step. */
const UNKNOWN = 7
const WITHIN = 433

/**
 * @param symbols that are in use for sizes of inputs
 * @param counted what stands for the size of a symbol, where that is known already
 */
export function createCounts(
  symbols: readonly string[],
  counted: (symbol: string) => number | undefined,
): Counts {
  const taken: string[] = []
  return {
    taken,
    take(what, within) {
      if (within) return { symbol: what, size: WITHIN }
      let symbol = what
      for (let n = 1; symbols.includes(symbol) || taken.includes(symbol); n++) symbol = `${what}_${n}`
      taken.push(symbol)
      return { symbol, size: counted(symbol) ?? UNKNOWN }
    },
  }
}
