// Which crystals go into one batch. Batches are formed by total atoms, not by count: the work of a batch is linear in
// its atoms.

/**
 * Indices of crystals in groups of at most `maxAtoms` atoms, in the given order. A crystal larger than that is alone.
 *
 * @param sizes atoms of each crystal
 */
export function groupByAtoms(sizes: readonly number[], maxAtoms: number): number[][] {
  const groups: number[][] = []
  let room = 0
  sizes.forEach((size, index) => {
    if (groups.length === 0 || size > room) {
      groups.push([])
      room = maxAtoms
    }
    groups[groups.length - 1].push(index)
    room -= size
  })
  return groups
}

/** The same over a stream: groups of items of at most `maxAtoms` atoms, each handed out as soon as it is full. */
export async function* streamByAtoms<T extends { readonly atoms: number }>(
  items: AsyncIterable<T> | Iterable<T>,
  maxAtoms: number,
): AsyncGenerator<T[]> {
  let group: T[] = []
  let room = maxAtoms
  for await (const item of items) {
    if (group.length > 0 && item.atoms > room) {
      yield group
      group = []
      room = maxAtoms
    }
    group.push(item)
    room -= item.atoms
  }
  if (group.length > 0) yield group
}
