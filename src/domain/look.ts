// What a domain of validity knows of a crystal: which elements, how densely they are packed, and how close each two of them
// come. The same for every cell, supercell and order of atoms. It is made in look-at.ts, where neighbour tables are.

/** Two elements, the lighter one first, and how close they come. */
export interface Contact {
  readonly elements: readonly [number, number]
  /** Å */
  readonly distance: number
  /** to the sum of the covalent radii */
  readonly ratio: number
}

/** A crystal without its cell and its coordinates. */
export interface Look {
  /** Atomic number and share of the atoms, ascending. */
  readonly elements: readonly (readonly [element: number, share: number])[]
  /** Whether a site is shared by several elements, or partly empty. */
  readonly disordered: boolean
  /** Å³ */
  readonly volumePerAtom: number
  /** Share of the volume that spheres of the covalent radii would take, each for itself. */
  readonly filling: number
  /** The closest of each two elements among neighbours. */
  readonly contacts: readonly Contact[]
}

/** Two different elements of a crystal: the lighter one first. */
export function pairsOf(elements: Look['elements']): (readonly [number, number])[] {
  return elements.flatMap(([a], n) => elements.slice(n + 1).map(([b]) => [a, b] as const))
}
