// What Crystalformer is called.

import type { NetworkName } from '../network.ts'

export const CRYSTALFORMER = { name: 'crystalformer', title: 'Crystalformer' } as const satisfies NetworkName
