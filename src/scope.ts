// Names for the nodes of an exported graph: `scope('attention', () => …)` prefixes every node recorded inside.
// This file also holds the one piece of state that a model and the recorder share: whether somebody is recording.
// It imports nothing at run time, so models can use it at no cost.

/** What the recorder offers while it runs. */
export interface Recording {
  /** The scope path that kernels recorded now belong to, outermost first. */
  readonly path: string[]
  /** Runs a composite kernel as one step of the recording; composite.ts knows the types. */
  readonly composite: (kernel: unknown, inputs: readonly unknown[], attrs: unknown) => unknown
  /** Whether the numbers of a tensor depend on an input: nobody knows them. */
  readonly depends: (tensor: unknown) => boolean
  /** Runs a function on tensors like these, all without numbers, and writes nothing down. */
  readonly unwritten: (fn: (args: readonly unknown[]) => unknown, like: readonly unknown[]) => unknown
  /** A step of a kind of its own that gives tensors like these: it may hold functions; control.ts knows the types. */
  readonly nesting: (
    step: unknown,
    inputs: readonly unknown[],
    like: readonly unknown[],
    attrs?: Readonly<Record<string, unknown>>,
  ) => unknown
  /** A size that values tell: a symbol of its own, named after what is counted, and what stands for it while recording. */
  readonly count: (what: string) => { readonly symbol: string; readonly size: number }
}

let current: Recording | undefined

/** The recording in progress, or undefined while functions simply run. */
export function recording(): Recording | undefined {
  return current
}

/**
 * Makes `session` the recording in progress while `fn` runs, until its promise is settled if it returns one. Recordings do
 * not nest.
 */
export function whileRecording<T>(session: Recording, fn: () => T): T {
  current = session
  const done = () => {
    current = undefined
  }
  try {
    const result = fn()
    if (result instanceof Promise) return result.finally(done) as T
    done()
    return result
  } catch (error) {
    done()
    throw error
  }
}

/**
 * Runs `fn` and names the graph nodes it makes after `name`: `scope('layers.0', () => scope('attention', f))`
 * gives `layers.0.attention.softmax`. Does nothing but call `fn` when nobody is recording.
 */
export function scope<T>(name: string, fn: () => T): T {
  if (!current) return fn()
  const { path } = current
  path.push(name)
  try {
    return fn()
  } finally {
    path.pop()
  }
}
