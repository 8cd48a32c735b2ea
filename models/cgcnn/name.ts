// What CGCNN is called.

import type { NetworkName } from '../network-name.ts'

export const CGCNN = { name: 'cgcnn', title: 'CGCNN' } as const satisfies NetworkName
