// What Crystalformer is called.

import type { NetworkName } from '../network-name.ts'

export const CRYSTALFORMER = {
  name: 'crystalformer',
  title: 'Crystalformer',
} as const satisfies NetworkName
