// Standard atomic weights of the elements, IUPAC 2016, in u; of an element without one the mass of its longest-lived isotope.
// Data only.

// biome-ignore format: twelve elements a line
const MASSES: readonly number[] = [
  1.008, 4.003, 6.94, 9.012, 10.81, 12.011, 14.007, 15.999, 18.998, 20.18, 22.99, 24.305,
  26.982, 28.085, 30.974, 32.06, 35.45, 39.948, 39.098, 40.078, 44.956, 47.867, 50.941, 51.996,
  54.938, 55.845, 58.933, 58.693, 63.546, 65.38, 69.723, 72.63, 74.922, 78.971, 79.904, 83.798,
  85.468, 87.62, 88.906, 91.224, 92.906, 95.95, 97.907, 101.07, 102.906, 106.42, 107.868, 112.414,
  114.818, 118.71, 121.76, 127.6, 126.904, 131.293, 132.905, 137.327, 138.905, 140.116, 140.908, 144.242,
  144.913, 150.36, 151.964, 157.25, 158.925, 162.5, 164.93, 167.259, 168.934, 173.054, 174.967, 178.49,
  180.948, 183.84, 186.207, 190.23, 192.217, 195.084, 196.967, 200.592, 204.38, 207.2, 208.98, 208.982,
  209.987, 222.018, 223.02, 226.025, 227.028, 232.038, 231.036, 238.029, 237.048, 244.064, 243.061, 247.07,
  247.07, 251.08, 252.083, 257.095, 258.098, 259.101, 262.11, 267.122, 268.126, 271.134, 270.133, 269.134,
  278.156, 281.165, 281.166, 285.177, 286.182, 289.19, 289.194, 293.204, 293.208, 294.214,
]

/** Mass in u of atomic number `z`, 1 to 118. */
export function atomicMass(z: number): number {
  return MASSES[z - 1]
}

/** The element whose mass is within 0.06 u of `mass`: files round to one digit or more. Undefined where there is none. */
export function elementOfMass(mass: number): number | undefined {
  const apart = MASSES.map((m) => Math.abs(m - mass))
  const z = apart.indexOf(Math.min(...apart))
  return apart[z] <= 0.06 ? z + 1 : undefined
}
