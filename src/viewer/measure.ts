// Distances and angles between atoms that are clicked one after the other: two give a distance, a third the angle at the
// second, and the next click begins anew.

import type { Vec3 } from '../math/vectors.ts'
import { siteName } from './colours.ts'
import type { DrawnAtom } from './expand.ts'

/** What a click makes of the atoms that are measured. */
export function clicked(before: readonly DrawnAtom[], atom: DrawnAtom): DrawnAtom[] {
  return before.length === 3 ? [atom] : [...before, atom]
}

export function distance(p: Vec3, q: Vec3): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}

/** At the second of three points, degrees; NaN where two of them are one. */
export function angle(p: Vec3, at: Vec3, q: Vec3): number {
  const [a, b] = [p, q].map((end) => [end[0] - at[0], end[1] - at[1], end[2] - at[2]])
  const cosine = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b))
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI
}

/** What has been measured, or what to do. */
export function measured(atoms: readonly DrawnAtom[]): string {
  if (atoms.length === 0) return 'Click two atoms for their distance, a third for an angle.'
  const names = atoms.map(({ element, site }) => siteName(element, site))
  if (atoms.length === 1) return `${names[0]} – …`
  const [p, at, q] = atoms.map(({ position }) => position)
  const length = (from: Vec3, to: Vec3) => `${distance(from, to).toFixed(3)} Å`
  const first = `${names[0]} – ${names[1]}: ${length(p, at)}`
  if (!q) return first
  return `${first}; ${names[1]} – ${names[2]}: ${length(at, q)}; angle at ${names[1]}: ${angle(p, at, q).toFixed(1)}°`
}
