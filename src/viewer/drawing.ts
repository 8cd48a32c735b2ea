// What everything that is drawn needs: colours of the style sheet around the view, and places as 3Dmol has them.

import type { GLViewer } from '3dmol'
import type { Vec3 } from '../math/vectors.ts'

/** Of a view: custom properties that hold where it stands. */
export const colour = (viewer: GLViewer, name: string) =>
  getComputedStyle(viewer.getCanvas()).getPropertyValue(name).trim()

export interface Xyz {
  readonly x: number
  readonly y: number
  readonly z: number
}

export const xyz = ([x, y, z]: Vec3): Xyz => ({ x, y, z })
