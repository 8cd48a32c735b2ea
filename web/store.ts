// What the page knows, in one place: a value that is replaced, never changed, and those who watch parts of it.

export interface Store<S> {
  readonly state: S
  /** Replaces some parts, then tells the watchers of those that are different. */
  update(change: Partial<S>): void
  /** Calls `react` now, and whenever one of the parts is replaced. */
  watch(parts: readonly (keyof S)[], react: (state: S) => void): void
}

export function createStore<S extends object>(initial: S): Store<S> {
  let state = initial
  const watchers: { parts: readonly (keyof S)[]; react: (state: S) => void }[] = []
  return {
    get state() {
      return state
    },
    update(change) {
      const before = state
      state = { ...state, ...change }
      const changed = (Object.keys(change) as (keyof S)[]).filter((part) => before[part] !== state[part])
      for (const { parts, react } of watchers) {
        if (parts.some((part) => changed.includes(part))) react(state)
      }
    },
    watch(parts, react) {
      watchers.push({ parts, react })
      react(state)
    },
  }
}
