// What an ensemble is called.

import type { NetworkName } from '../network-name.ts'

export const ENSEMBLE = { name: 'ensemble', title: 'mean of several networks' } as const satisfies NetworkName
