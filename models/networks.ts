// The networks of the toolkit by name, so that the command line can list them at no cost, and where the fused engine finds
// the forward of those that it knows. What they compute with in tfjs is loaded by models/registry.ts, where each has a row.

import { CGCNN } from './cgcnn/name.ts'
import { CRYSTALFORMER } from './crystalformer/name.ts'
import { CRYSTALFRAMER } from './crystalframer/name.ts'
import { ENSEMBLE } from './ensemble/name.ts'
import type { FusedForward } from './fused.ts'
import type { NetworkName } from './network-name.ts'

const NAMES = [CRYSTALFORMER, CRYSTALFRAMER, CGCNN] as const

export interface OwnNetworkName extends NetworkName {
  readonly name: (typeof NAMES)[number]['name']
}

/** The first one is meant where nothing is said. */
export const NETWORKS: readonly OwnNetworkName[] = NAMES

export const DEFAULT_NETWORK: string = NETWORKS[0].name

const forwards = () => import('./fused-forwards.ts')
const periodicAttention = () => forwards().then(({ attentionInKernels }) => attentionInKernels)

/** Forwards for the fused engine, loaded without tfjs, by the name of the network. */
export const FUSED_FORWARDS: Readonly<Record<string, (() => Promise<FusedForward>) | undefined>> = {
  [CRYSTALFORMER.name]: periodicAttention,
  [CRYSTALFRAMER.name]: periodicAttention,
  [ENSEMBLE.name]: () => forwards().then(({ ensembleInKernels }) => ensembleInKernels),
}
