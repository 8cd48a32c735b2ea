// Lengths in Å of the units that files name.

/** CODATA 2018, Å. */
export const BOHR = 0.529177210903

export const LENGTHS: ReadonlyMap<string, number> = new Map([
  ['ang', 1],
  ['angstrom', 1],
  ['bohr', BOHR],
  ['a0', BOHR],
  ['au', BOHR],
  ['nm', 10],
  ['pm', 0.01],
  ['cm', 1e8],
  ['m', 1e10],
])
