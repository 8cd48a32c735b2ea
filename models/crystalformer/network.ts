// Crystalformer (Taniai et al., ICLR 2024): infinitely connected attention, and nothing besides.

import { type ModelConfig, modelConfig } from '../attention/config.ts'
import { attentionNetwork, gaussStatistics } from '../attention/forward.ts'
import { knowsDirections } from '../attention/parameters.ts'
import { attentionRow, published, QUICK } from '../attention/row.ts'
import type { Network } from '../network.ts'
import { referenceForward } from '../reference/forward.ts'
import { CRYSTALFORMER } from './name.ts'

export const network: Network<ModelConfig> = {
  ...CRYSTALFORMER,
  ...attentionRow,
  configure: modelConfig,
  claims: (names) => names.has('input_embeddings.weight') && !knowsDirections(names),
  forward: attentionNetwork,
  statistics: gaussStatistics,
  attention: (config) => ({ config }),
  reference: {
    evaluate: (...given) => referenceForward(...given).value,
    quickAtoms: Number.POSITIVE_INFINITY,
  },
  presets: {
    mp: published(128, 500, 50),
    jarvis: published(256, 800, 50),
    oqmd: published(1024, 200, 20),
    quick: QUICK,
  },
  limits: {
    // Runs of about this many atoms stay in the processor's cache.
    runAtoms: 100,
    // An atom takes up to 1 MB; the heap of WebAssembly has 4 GB.
    batchAtoms: 1024,
  },
}
