// The networks of the toolkit, a row each: its name, and where the rest of it is. Names alone cost nothing, so that the
// command line can list them; models/registry.ts loads the rest.

import { CGCNN } from './cgcnn/name.ts'
import { CRYSTALFORMER } from './crystalformer/name.ts'
import { CRYSTALFRAMER } from './crystalframer/name.ts'
import type { Network } from './network.ts'
import type { NetworkName } from './network-name.ts'

export interface NetworkRow extends NetworkName {
  readonly load: () => Promise<Network>
}

/** The first one is meant where nothing is said. */
export const NETWORKS: readonly NetworkRow[] = [
  { ...CRYSTALFORMER, load: async () => (await import('./crystalformer/network.ts')).network },
  { ...CRYSTALFRAMER, load: async () => (await import('./crystalframer/network.ts')).network },
  { ...CGCNN, load: async () => (await import('./cgcnn/network.ts')).network },
]

export const DEFAULT_NETWORK = NETWORKS[0].name
