// Where the graph of a network of attention can be cut: names of tensors inside it. Atoms meet in keys and values alone, so
// that all else of a block can be done for some atoms at a time (in-stages.ts).

/** Features of the atoms before block l, or after block l − 1, [A, d]. */
export const stateName = (l: number): string => `state.${l}`
/** Keys of block l, of every atom that images are of, [A, d]. */
export const keyName = (l: number): string => `key.${l}`
/** Its values, [A, d]. */
export const valueName = (l: number): string => `value.${l}`

export function isBetweenBlocks(name: string): boolean {
  return /^(state|key|value)\.\d+$/.test(name)
}
