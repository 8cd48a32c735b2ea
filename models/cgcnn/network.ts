// CGCNN (Xie and Grossman, PRL 2018): gated convolutions over the images around every atom.

import { type GeometryOptions, type Mode, type RequiredGeometry, refuseOtherSphere } from '../geometry.ts'
import { NEIGHBOUR_INPUTS } from '../neighbours.ts'
import { type Network, QUICK_TRAINING } from '../network.ts'
import { type CgcnnConfig, cgcnnConfig } from './config.ts'
import { cgcnn } from './forward.ts'
import { CGCNN } from './name.ts'
import { headNames, inferConfig, initialise, parameterShapes } from './parameters.ts'

export const network: Network<CgcnnConfig> = {
  ...CGCNN,
  configure: cgcnnConfig,
  describe: ({ num_layers: layers }) => `${layers} convolutions`,
  parameterShapes,
  isTrainable: () => true,
  initialise,
  lastLayer: (config) => headNames(config).at(-1)!,
  claims: (names) => names.has('convs.0.distance.weight'),
  inferConfig,
  modes: ['converged'],
  geometry,
  sumsOverImages: ({ num_layers: layers }) => layers,
  inputNames: () => NEIGHBOUR_INPUTS,
  forward: cgcnn,
  lacks: (_, output) =>
    output === 'attention' ? 'a CGCNN does not attend: it has no attention over images to give' : undefined,
  presets: {
    quick: {
      config: { model_dim: 32, embedding_dim: [64] },
      training: QUICK_TRAINING,
    },
  },
  limits: {
    runAtoms: 64,
    // Every image has a few vectors of 2d numbers a convolution: 2 MB an atom with 64 features.
    batchAtoms: 256,
  },
}

/** Distances alone matter, so that isometries make atoms equal. Images beyond its radius count nothing. @throws ConfigError */
function geometry({ radius }: CgcnnConfig, mode: Mode, options: GeometryOptions): RequiredGeometry {
  const whence = `is a hyper-parameter, here ${radius}; set "radius" in its configuration`
  const reach = Math.max(radius, options.radius ?? radius)
  refuseOtherSphere(CGCNN.title, options.radius === reach ? reach : radius, whence, mode, options)
  return { geometry: { images: { kind: 'sphere', radius: reach }, symmetry: 'all' }, errorBound: null }
}
