// Crystals that a model of ionic crystals knows nothing of, as POSCAR files.

/** Atoms of diamond in its cubic cell. */
export const DIAMOND = [0, 0.25].flatMap((shift) =>
  [
    [0, 0, 0],
    [0, 0.5, 0.5],
    [0.5, 0, 0.5],
    [0.5, 0.5, 0],
  ].map((atom) => atom.map((x) => x + shift)),
)

/** Atoms of one element in a cubic cell. @param a Å */
export function poscar(element: string, a: number, atoms: readonly (readonly number[])[]): string {
  const lattice = [0, 1, 2].map((m) => [0, 1, 2].map((n) => (m === n ? a : 0)).join(' '))
  return [
    element,
    '1.0',
    ...lattice,
    element,
    atoms.length,
    'direct',
    ...atoms.map((atom) => atom.join(' ')),
  ].join('\n')
}
