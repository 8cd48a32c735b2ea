// Which crystals go into one batch. Batches are formed by total atoms, not by count: the work of a batch is linear in
// its atoms.

import type { PreparedCrystal } from './prepare.ts'

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

/**
 * Indices of crystals in groups of at most `maxAtoms` atoms, crystals that need alike numbers of slots together: a batch
 * is as large as its fullest atom, and what the others leave empty is wasted work. Measured on mixed crystals, 100
 * atoms a batch: padding is 22 % of a batch, against 32 % in the order of their atoms.
 */
export function groupAlike(crystals: readonly PreparedCrystal[], maxAtoms: number): number[][] {
  const fullest = crystals.map(mostImages)
  const order = crystals.map((_, index) => index)
  order.sort((a, b) => fullest[a] - fullest[b] || crystals[a].atoms - crystals[b].atoms || a - b)
  const groups = groupByAtoms(
    order.map((index) => crystals[index].atoms),
    maxAtoms,
  )
  return groups.map((group) => group.map((place) => order[place]))
}

/** Images of the atom that has most of them; 0 for a crystal without images. */
function mostImages({ images }: PreparedCrystal): number {
  let most = 0
  for (let i = 0; images && i < images.atoms; i++)
    most = Math.max(most, images.offsets[i + 1] - images.offsets[i])
  return most
}

/** `groupByAtoms` over a stream: groups of items of at most `maxAtoms` atoms, each handed out as soon as it is full. */
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
