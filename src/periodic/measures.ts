// Plain facts of neighbour tables that several of their users need.

/** An image this near (Å²) is the atom itself, which has no direction. */
export const OWN = 1e-5

/** |r|² of every displacement [images · 3], Å². */
export function squaredDistances(displacement: Float64Array): Float64Array {
  const squared = new Float64Array(displacement.length / 3)
  for (let n = 0; n < squared.length; n++) {
    const x = displacement[3 * n]
    const y = displacement[3 * n + 1]
    const z = displacement[3 * n + 2]
    squared[n] = x * x + y * y + z * z
  }
  return squared
}

/** Entries of the longest row; row i is offsets[i] … offsets[i + 1] − 1. */
export function longestRow(offsets: Int32Array): number {
  let most = 0
  for (let i = 1; i < offsets.length; i++) most = Math.max(most, offsets[i] - offsets[i - 1])
  return most
}
