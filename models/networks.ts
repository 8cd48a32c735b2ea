// The networks of the toolkit by name, so that the command line can list them at no cost. What they compute with is
// loaded by models/registry.ts, where each has a row.

import { CGCNN } from './cgcnn/name.ts'
import { CRYSTALFORMER } from './crystalformer/name.ts'
import { CRYSTALFRAMER } from './crystalframer/name.ts'
import type { NetworkName } from './network-name.ts'

const NAMES = [CRYSTALFORMER, CRYSTALFRAMER, CGCNN] as const

export interface OwnNetworkName extends NetworkName {
  readonly name: (typeof NAMES)[number]['name']
}

/** The first one is meant where nothing is said. */
export const NETWORKS: readonly OwnNetworkName[] = NAMES

export const DEFAULT_NETWORK: string = NETWORKS[0].name
