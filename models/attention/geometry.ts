// Which periodic images and wave vectors a network sums over, as the specification that src/periodic fills in.
// `converged` sums every image whose weight matters; `published` sums the box of the published code.

import { ConfigError } from '../../src/errors.ts'
import { cutoffRadius, neglectedWeight } from '../../src/periodic/radius.ts'
import type {
  CellWide,
  FrameKind,
  ImageSelection,
  Isometries,
  TableGeometry,
} from '../../src/periodic/types.ts'
import {
  checkedBound,
  checkedRadius,
  DEFAULT_ERROR_BOUND,
  type GeometryOptions,
  type Mode,
  type RequiredGeometry,
} from '../geometry.ts'
import {
  blockDomains,
  choosesByWeight,
  frameOfCell,
  largestSigma,
  looksAlongDensities,
  type ModelConfig,
} from './config.ts'

/** Å; a box is never smaller than one cell, so that a cutoff below every plane spacing leaves it as it is. */
export const PLAIN_BOX_CUTOFF = 1e-3

/**
 * The images and wave vectors of `config`, and the share of the Gaussian weight that the images leave out (null in
 * published mode and without real-space heads).
 * @throws ConfigError for an option out of range, or one that published mode does not have.
 */
export function geometryOf(config: ModelConfig, mode: Mode, options: GeometryOptions = {}): RequiredGeometry {
  const domains = blockDomains(config)
  const inRealSpace = domains.some((domain) => domain === 'real' || domain === 'multihead')
  const inReciprocalSpace = domains.some((domain) => domain !== 'real')
  const cellWide: CellWide = {
    ...(inReciprocalSpace ? { reciprocal: { range: config.lattice_range } } : {}),
    ...cellFrame(config, mode),
  }
  if (mode === 'published') {
    const [option] = Object.entries(options).find(([, value]) => value !== undefined) ?? []
    if (option) throw new ConfigError(`${option} has no meaning in published mode, whose box is given`)
    const geometry = inRealSpace ? { images: publishedImages(config), ...cellWide } : cellWide
    return { geometry, errorBound: null }
  }
  if (!inRealSpace) return { geometry: cellWide, errorBound: null }
  const sigma = widestSigma(config, options.smallestRho)
  const symmetry = symmetryOf(config, cellWide)
  const radius = checkedRadius(options.radius) ?? cutoffRadius(sigma, checkedBound(options.errorBound))
  return {
    geometry: {
      images: { kind: 'sphere', radius },
      ...nearImages(config),
      ...(symmetry ? { symmetry } : cellWide),
    },
    errorBound:
      options.radius === undefined
        ? (options.errorBound ?? DEFAULT_ERROR_BOUND)
        : neglectedWeight(radius / sigma),
  }
}

/** What frames need of the geometry. @throws ConfigError for axes that only one of the two modes defines. */
function cellFrame(config: ModelConfig, mode: Mode): { frame?: FrameKind } {
  if (config.architecture !== 'crystalframer') return {}
  if (config.frame_method === 'max_static' && config.static_axis === 'farthest' && mode === 'converged') {
    throw new ConfigError(
      'static_axis farthest is an image at the rim of the published box: it needs mode published',
    )
  }
  if (looksAlongDensities(config) && mode === 'published') {
    throw new ConfigError('frame_method density is none of the published code: it needs mode converged')
  }
  const frame = frameOfCell(config)
  return frame ? { frame } : {}
}

/** The images that frames can be chosen from. */
function nearImages(config: ModelConfig): Pick<TableGeometry, 'near'> {
  if (!choosesByWeight(config)) return {}
  return { near: { decay: 1 / (2 * largestSigma(config) ** 2) } }
}

/**
 * Which isometries leave the features of atoms as they are. Crystalformer knows distances; a frame that is chosen by the
 * surroundings turns with them, but is right-handed in their mirror image, too; a density of axes is mirrored with them.
 * Not where the first of equal images, the axes of the cell, or sums over pairs in reciprocal space matter.
 */
function symmetryOf(config: ModelConfig, { frame, reciprocal }: CellWide): Isometries | undefined {
  if (frame || reciprocal) return undefined
  if (config.architecture === 'crystalformer' || looksAlongDensities(config)) return 'all'
  return config.ties === 'first' ? undefined : 'proper'
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
