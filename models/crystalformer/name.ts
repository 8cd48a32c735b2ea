// What Crystalformer is called.

import type { NetworkName } from '../network-name.ts'

export const CRYSTALFORMER = {
  name: 'crystalformer',
  title: 'Crystalformer',
  fused: () => import('../attention/fused.ts').then(({ attentionInKernels }) => attentionInKernels),
} as const satisfies NetworkName
