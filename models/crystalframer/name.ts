// What CrystalFramer is called, and which frames it can be given on the command line.

import type { NetworkName } from '../network-name.ts'

/** How the three axes of an atom are chosen: models/crystalframer/frames. */
export const FRAME_METHODS = ['max', 'max_static', 'weighted_pca', 'pca', 'lattice'] as const
export type FrameMethod = (typeof FRAME_METHODS)[number]

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
