// Names in the file: unique, and telling where a node comes from.

/** Gives out names, each once: `layers.0.softmax`, then `layers.0.softmax_1`. */
export interface Names {
  readonly unique: (wanted: string) => string
}

export function createNames(taken: Iterable<string>): Names {
  const used = new Set(taken)
  const next = new Map<string, number>()
  return {
    unique(wanted) {
      let name = wanted
      for (let n = next.get(wanted) ?? 1; used.has(name); n++) {
        name = `${wanted}_${n}`
        next.set(wanted, n + 1)
      }
      used.add(name)
      return name
    },
  }
}

/** `ReduceSum` → `reduce_sum`, `MatMul` → `matmul`. */
export const operatorName = (op: string): string =>
  op === 'MatMul' ? 'matmul' : op.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()

/** What an initialiser is to the operator that uses it first. */
export function initializerRole(op: string, index: number): string {
  if (op === 'MatMul' || op === 'Conv') return 'weight'
  if (op === 'Gather' && index === 0) return 'table'
  if (op === 'LayerNormalization') return index === 1 ? 'scale' : 'bias'
  return op === 'Add' ? 'bias' : 'constant'
}
