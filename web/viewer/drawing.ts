// What everything that is drawn needs: colours of the page, and places as 3Dmol has them.

import type { Vec3 } from '../../src/math/vectors.ts'

/** Colours of the page's style sheet. */
export const colour = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export interface Xyz {
  readonly x: number
  readonly y: number
  readonly z: number
}

export const xyz = ([x, y, z]: Vec3): Xyz => ({ x, y, z })
