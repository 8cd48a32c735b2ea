// Which periodic images and wave vectors a network sums over, as the specification that src/periodic fills in.
// `converged` sums every image whose weight matters; `published` sums the box of the published code.

import { ConfigError } from '../../src/errors.ts'
import { cutoffRadius, neglectedWeight } from '../../src/periodic/radius.ts'
import type { FrameKind, GeometrySpec, ImageSelection } from '../../src/periodic/types.ts'
import { blockDomains, choosesByWeight, largestSigma, type ModelConfig } from './config.ts'

export const MODES = ['converged', 'published'] as const
export type Mode = (typeof MODES)[number]

/** Share of the Gaussian weight that a converged sum may leave out by default. */
export const DEFAULT_ERROR_BOUND = 1e-5

/** Å; a box is never smaller than one cell, so that a cutoff below every plane spacing leaves it as it is. */
export const PLAIN_BOX_CUTOFF = 1e-3

export interface GeometryOptions {
  /** converged: largest share of the Gaussian weight outside the radius, in (0, 0.1] */
  readonly errorBound?: number
  /** converged: radius in Å instead of the one that follows from errorBound */
  readonly radius?: number
  /** converged: smallest ρ that real crystals reach, instead of its lower bound b; leave a margin */
  readonly smallestRho?: number
}

/**
 * The images and wave vectors of `config`, and the share of the Gaussian weight that the images leave out (null in
 * published mode and without real-space heads).
 * @throws ConfigError for an option out of range, or one that published mode does not have.
 */
export function geometryOf(
  config: ModelConfig,
  mode: Mode,
  options: GeometryOptions = {},
): { geometry: GeometrySpec; errorBound: number | null } {
  const domains = blockDomains(config)
  const inRealSpace = domains.some((domain) => domain === 'real' || domain === 'multihead')
  const inReciprocalSpace = domains.some((domain) => domain !== 'real')
  const beside = {
    ...(inReciprocalSpace ? { reciprocal: { range: config.lattice_range } } : {}),
    ...cellFrame(config, mode),
  }
  if (mode === 'published') {
    const [option] = Object.entries(options).find(([, value]) => value !== undefined) ?? []
    if (option) throw new ConfigError(`${option} has no meaning in published mode, whose box is given`)
    return {
      geometry: { ...(inRealSpace ? { images: publishedImages(config) } : {}), ...beside },
      errorBound: null,
    }
  }
  if (!inRealSpace) return { geometry: beside, errorBound: null }
  const sigma = widestSigma(config, options.smallestRho)
  const radius = checkedRadius(options.radius) ?? cutoffRadius(sigma, checkedBound(options.errorBound))
  return {
    geometry: {
      images: { kind: 'sphere', radius },
      ...beside,
      ...nearImages(config),
      ...symmetryOf(config, beside),
    },
    errorBound:
      options.radius === undefined
        ? (options.errorBound ?? DEFAULT_ERROR_BOUND)
        : neglectedWeight(radius / sigma),
  }
}

/** What frames need of the geometry. @throws ConfigError for axes that only the published box defines. */
function cellFrame(config: ModelConfig, mode: Mode): { frame?: FrameKind } {
  if (config.architecture !== 'crystalframer') return {}
  const { frame_method: method, static_axis: axis } = config
  if (method === 'max_static' && axis === 'farthest' && mode === 'converged') {
    throw new ConfigError(
      'static_axis farthest is an image at the rim of the published box: it needs mode published',
    )
  }
  return method === 'lattice' || method === 'pca' ? { frame: method } : {}
}

/** The images that frames can be chosen from. */
function nearImages(config: ModelConfig): Pick<GeometrySpec, 'near'> {
  if (!choosesByWeight(config)) return {}
  return { near: { decay: 1 / (2 * largestSigma(config) ** 2) } }
}

/**
 * Which isometries leave the features of atoms as they are. Crystalformer knows distances; a frame that is chosen by the
 * surroundings turns with them, but is right-handed in their mirror image, too. Not where the first of equal images, the
 * axes of the cell, or sums over pairs in reciprocal space matter.
 */
function symmetryOf(
  config: ModelConfig,
  { frame, reciprocal }: Pick<GeometrySpec, 'frame' | 'reciprocal'>,
): Pick<GeometrySpec, 'symmetry'> {
  if (frame || reciprocal) return {}
  if (config.architecture === 'crystalformer') return { symmetry: 'all' }
  return config.ties === 'first' ? {} : { symmetry: 'proper' }
}

/** Å beyond which a batch of this geometry holds no image; undefined for a box, which has no such radius. */
export function imageRadius({ images }: GeometrySpec): number | undefined {
  return images?.kind === 'sphere' ? images.radius : undefined
}

/**
 * The box of the published kernels; the sign of adaptive_cutoff_sigma says how its cutoff c is chosen. Without one the
 * box is plain. Framed kernels also have windows then, which a network evaluates where images have a reach
 * (models/crystalframer/published-windows.ts): for them it is the adaptive box of a cutoff that adds nothing.
 */
function publishedImages(config: ModelConfig): ImageSelection {
  const { adaptive_cutoff_sigma: factor, lattice_range: range } = config
  if (factor === 0 && config.architecture === 'crystalformer') return { kind: 'box', range }
  const cutoff = factor === 0 ? PLAIN_BOX_CUTOFF : Math.abs(factor) * largestSigma(config)
  return { kind: 'adaptive-box', minimum: range, max_cutoff: cutoff }
}

/** Largest σ in Å that any head takes on crystals where ρ stays above `smallestRho`. */
function widestSigma(config: ModelConfig, smallestRho = config.gauss_lb_real): number {
  if (!(smallestRho >= config.gauss_lb_real && Number.isFinite(smallestRho))) {
    throw new ConfigError(
      `smallest ρ is ${smallestRho}, expected at least its lower bound gauss_lb_real = ${config.gauss_lb_real}`,
    )
  }
  return Math.max(...config.scale_real) / Math.sqrt(smallestRho)
}

function checkedBound(bound = DEFAULT_ERROR_BOUND): number {
  if (bound > 0 && bound <= 0.1) return bound
  throw new ConfigError(`error bound ${bound} is not in (0, 0.1]`)
}

function checkedRadius(radius: number | undefined): number | undefined {
  if (radius === undefined || (radius > 0 && radius <= 100)) return radius
  throw new ConfigError(`radius ${radius} Å is not in (0, 100]`)
}
