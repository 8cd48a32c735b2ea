// CrystalFramer (Ito et al., ICLR 2025): Crystalformer that looks along the axes of frames.

import { asPublished, type CrystalframerConfig, modelConfig } from '../attention/config.ts'
import { gaussStatistics } from '../attention/forward.ts'
import { knowsDirections } from '../attention/parameters.ts'
import { attentionRow, published, QUICK } from '../attention/row.ts'
import type { Network } from '../network.ts'
import { referenceForward } from '../reference/forward.ts'
import { crystalframer, framed } from './encoding.ts'
import { CRYSTALFRAMER, frameRow } from './name.ts'

export const network: Network<CrystalframerConfig> = {
  ...CRYSTALFRAMER,
  ...attentionRow,
  configure: (input) => modelConfig(input) as CrystalframerConfig,
  inferConfig: (weights, given) => attentionRow.inferConfig(weights, given) as CrystalframerConfig,
  claims: knowsDirections,
  forward: crystalframer,
  statistics: (parameters, config, inputs, options) =>
    gaussStatistics(parameters, config, inputs, { ...options, encode: framed(config) }),
  attention: (config) => ({ config, frames: config }),
  reference: {
    evaluate: (...given) => referenceForward(...given).value,
    quickAtoms: 3,
  },
  // Principal axes of a symmetric crystal are not defined, nor are those of one or two atoms.
  needsAsymmetry: ({ frame_method: method }) => frameRow(method).axes === 'principal',
  jumps: ({ frame_method: method }) => frameRow(method).jumps,
  asPublished: (config) => asPublished(config) as CrystalframerConfig,
  presets: {
    mp: published(128, 500, 50),
    jarvis: published(256, 2000, 50),
    oqmd: published(1024, 200, 20),
    quick: {
      ...QUICK,
      config: { ...QUICK.config, value_pe_angle_real: 16, value_pe_angle_wscale: 1 },
    },
  },
  limits: {
    runAtoms: 32,
    // About 10 MB an atom where frames look along three axes.
    batchAtoms: 64,
    wrongGradients: { webgpu: 'with @tensorflow/tfjs-backend-webgpu 4.22.0' },
  },
}
