// What CrystalFramer is called, and which frames it can be given, a row each. How they are made is in frames/; densities
// of axes, which take their place, in density.ts.

import type { FrameKind } from '../../src/periodic/types.ts'
import type { NetworkName } from '../network-name.ts'

interface FrameRow {
  /**
   * Directions of images have a sign; principal axes are defined up to it, and not where a symmetry makes them equal.
   * `density` is no frame: all images are axes, by their weight, and mirror images look the same.
   */
  readonly axes: 'images' | 'principal' | 'lattice' | 'density'
  /** The attention weights of the network decide. */
  readonly byWeight?: true
  /** All atoms of a crystal have the same frame, which the host makes of the cell. */
  readonly ofCell?: FrameKind
  /** A choice that a frame depends on. */
  readonly jumps?: string
}

const EQUAL_MOMENTS = 'which of nearly equal moments is the largest'

/** How the three axes of an atom are chosen. */
const FRAMES = {
  max: { axes: 'images', byWeight: true, jumps: 'which image has the largest attention weight' },
  max_static: { axes: 'images', jumps: 'which image is the nearest' },
  weighted_pca: { axes: 'principal', byWeight: true, jumps: EQUAL_MOMENTS },
  pca: { axes: 'principal', ofCell: 'pca', jumps: `${EQUAL_MOMENTS}, and which cell was written` },
  lattice: { axes: 'lattice', ofCell: 'lattice', jumps: 'which cell was written' },
  density: { axes: 'density' },
} as const satisfies Record<string, FrameRow>

export type FrameMethod = keyof typeof FRAMES
export const FRAME_METHODS: readonly FrameMethod[] = Object.keys(FRAMES) as FrameMethod[]

export function frameRow(method: FrameMethod): FrameRow {
  return FRAMES[method]
}

export const CRYSTALFRAMER = {
  name: 'crystalframer',
  title: 'CrystalFramer',
  flags: [
    {
      option: '--frames <method>',
      description: 'the axes of a CrystalFramer',
      key: 'frame_method',
      choices: FRAME_METHODS,
    },
  ],
} as const satisfies NetworkName
