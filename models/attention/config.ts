// The hyper-parameters of a network, under the names that the published JSON configurations use (SPEC in
// docs/mathematics.md, section 0). Read from outside through `modelConfig`, which fills the published defaults.

import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { ConfigError } from '../../src/errors.ts'
import type { FrameKind } from '../../src/periodic/types.ts'
import { FRAME_METHODS, frameRow } from '../crystalframer/name.ts'

const DOMAINS = ['real', 'reci', 'RECI', 'multihead'] as const
/** What the heads of one block sum over. `RECI` is `reci` with ρ replaced by 1/ρ; `multihead` is half and half. */
export type Domain = (typeof DOMAINS)[number]

/** Finite. */
const number = z.number()
const positive = number.check(z.positive())
const whole = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most))
const count = whole(1, 4096)
const lengths = z.array(positive).check(z.minLength(1))
const lowerBound = positive.check(z.maximum(0.999))

export const ARCHITECTURES = ['crystalformer', 'crystalframer'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

const crystalformer = z.strictObject({
  /** which network */
  architecture: z._default(z.literal('crystalformer'), 'crystalformer'),
  /** B, blocks */
  num_layers: z._default(whole(1, 64), 4),
  /** d */
  model_dim: z._default(count, 128),
  /** H */
  head_num: z._default(count, 8),
  /** F */
  ff_dim: z._default(count, 512),
  /** hidden sizes of the head MLP */
  embedding_dim: z._default(z.array(count).check(z.maxLength(8)), [128]),
  /** outputs of the head */
  num_targets: z._default(whole(1, 256), 1),
  /** 'real', 'reci', 'RECI', 'multihead', or several joined by '-': block l takes entry l mod length */
  domain: z._default(z.string(), 'real'),
  /** r0 in Å, cycled over blocks */
  scale_real: z._default(lengths, [1.4]),
  /** b, lower bound of ρ in real space */
  gauss_lb_real: z._default(lowerBound, 0.5),
  /** r0 of reciprocal space in Å, cycled over blocks */
  scale_reci: z._default(lengths, [2.2]),
  /** the same of reciprocal space */
  gauss_lb_reci: z._default(lowerBound, 0.5),
  /** slope of ρ */
  positive_func_beta: z._default(positive, 0.1),
  /** K radial Gaussians of ψ; 0 is the simplified model */
  value_pe_dist_real: z._default(whole(0, 1024), 64),
  /** r_max: positive in Å, negative as a multiple of r0 */
  value_pe_dist_max: z._default(number, -10),
  /** s, width of a radial Gaussian in grid steps */
  value_pe_width_scale: z._default(positive, 1),
  /** half width of the box of lattice translations, and of the reciprocal grid */
  lattice_range: z._default(whole(1, 8), 2),
  /** cutoff of the published adaptive box in σ; its sign is a switch of the published code */
  adaptive_cutoff_sigma: z._default(number, -3.5),
  /** T-Fixup initialisation; published networks without it carry layer norms, which this project does not build */
  t_fixup_init: z._default(z.literal(true), true),
})

const crystalframer = z.extend(crystalformer, {
  /** which network */
  architecture: z.literal('crystalframer'),
  /** K radial Gaussians of ψ, at least 1 */
  value_pe_dist_real: z._default(whole(1, 1024), 64),
  /** the axes that atoms look along */
  frame_method: z._default(z.enum(FRAME_METHODS), 'max'),
  /** Ka angular Gaussians an axis */
  value_pe_angle_real: z._default(whole(2, 1024), 64),
  /** s_ang, width of an angular Gaussian in grid steps */
  value_pe_angle_wscale: z._default(positive, 4),
  /** c_dist, factor of the radial encoding */
  value_pe_dist_coef: z._default(number, 1),
  /** c_ang, factor of the angular encoding */
  value_pe_angle_coef: z._default(number, 1),
  /** 1: Gaussians of |cos|, on a grid over [0, 1] */
  cos_abs: z._default(z.literal([0, 1]), 0),
  /**
   * Amplitude of the noise with which the published code breaks ties between directions, drawn anew in every
   * evaluation. Read and kept with the other hyper-parameters, but not used: see `ties`.
   */
  symm_break_noise: z._default(number.check(z.minimum(0)), 1e-5),
  /**
   * Ours: which of several equally good directions a frame takes. `first` in the order of the images, as the published
   * code without noise; `canonical` the one of largest signature, which no choice of cell, axes or order changes;
   * `average` the mean of the two extreme ones, and of pca axes over their signs (docs/decisions/010-ties.md).
   */
  ties: z._default(z.enum(['first', 'canonical', 'average']), 'canonical'),
  /** Ours, max_static: the paper's second axis is near, that of the released code among the farthest images. */
  static_axis: z._default(z.enum(['nearest', 'farthest']), 'nearest'),
  /** Ours, weighted_pca: unit vectors, as the paper writes; the released code takes r in Å. */
  pca_unit_vectors: z._default(z.boolean(), false),
  /** Ours, density: L, degree of the Legendre polynomials of the cosine with an axis. */
  density_degree: z._default(whole(1, 16), 8),
  /** Ours, density: 1 takes the axes by the fourth power of their weight, 2 also by the weight itself. */
  density_axes: z._default(z.literal([1, 2]), 2),
})

/** Hyper-parameters of a Crystalformer. */
export type CrystalformerConfig = z.output<typeof crystalformer>
/** Hyper-parameters of a CrystalFramer. */
export type CrystalframerConfig = z.output<typeof crystalframer>
/** Hyper-parameters of a network of periodic attention. */
export type ModelConfig = CrystalformerConfig | CrystalframerConfig
export type ModelConfigInput = z.input<typeof crystalformer> | z.input<typeof crystalframer>

/** Whether a configuration says that it is of one of these networks. */
export function isAttention({ architecture }: { readonly architecture: unknown }): boolean {
  return architecture === 'crystalformer' || architecture === 'crystalframer'
}

/** Validated configuration with every default filled in. @throws ConfigError naming each wrong key. */
export function modelConfig(input: unknown = {}): ModelConfig {
  const framed = (input as { architecture?: unknown } | null)?.architecture === 'crystalframer'
  const parsed = (framed ? crystalframer : crystalformer).safeParse(input, { error: en().localeError })
  if (!parsed.success) {
    throw new ConfigError(`model configuration: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  const config = parsed.data
  if (config.model_dim % config.head_num !== 0) {
    throw new ConfigError(`model_dim ${config.model_dim} is not a multiple of head_num ${config.head_num}`)
  }
  const domains = blockDomains(config)
  if (domains.includes('multihead') && config.head_num % 2 !== 0) {
    throw new ConfigError(`domain multihead needs an even head_num, found ${config.head_num}`)
  }
  if (config.architecture === 'crystalframer' && config.domain !== 'real') {
    throw new ConfigError(`domain "${config.domain}": a crystalframer works in real space, expected real`)
  }
  return config
}

/** The network as the published code evaluates it without noise: of tied directions a frame takes the first. */
export function asPublished(config: ModelConfig): ModelConfig {
  return config.architecture === 'crystalframer' ? { ...config, ties: 'first' } : config
}

/**
 * Whether frames choose images by their attention weights. Not where the first of exactly equal ones counts, since
 * rounding may tell equal weights apart: there the logarithms are compared, which takes twice as many passes.
 */
export function choosesByWeight(config: ModelConfig): boolean {
  if (config.architecture !== 'crystalframer' || config.ties === 'first') return false
  return frameRow(config.frame_method).byWeight ?? false
}

/** Whether atoms look along densities of axes instead of frames. */
export function looksAlongDensities(config: ModelConfig): boolean {
  return config.architecture === 'crystalframer' && frameRow(config.frame_method).axes === 'density'
}

/** Whether an axis and its reverse are equally good, so that the encoding is averaged over both. */
export function hasSignedAxes({ frame_method: method, ties }: CrystalframerConfig): boolean {
  return ties !== 'average' || frameRow(method).axes === 'images'
}

/** A frame for each: of tied directions it takes the one of largest sign·signature. Several are averaged over. */
export function frameSigns({ frame_method: method, ties }: CrystalframerConfig): readonly (1 | -1)[] {
  return ties === 'average' && frameRow(method).axes === 'images' ? [1, -1] : [1]
}

/** Which frame of the cell the atoms have, where they have no other. */
export function frameOfCell(config: ModelConfig): FrameKind | undefined {
  return config.architecture === 'crystalframer' ? frameRow(config.frame_method).ofCell : undefined
}

/** The domain of each block, length num_layers. @throws ConfigError for a name that is not in DOMAINS. */
export function blockDomains(config: ModelConfig): Domain[] {
  const names = config.domain.split('-')
  for (const name of names) {
    if (!(DOMAINS as readonly string[]).includes(name)) {
      throw new ConfigError(
        `domain "${name}" is not one of ${DOMAINS.join(', ')} (joined by "-" to alternate)`,
      )
    }
  }
  return Array.from({ length: config.num_layers }, (_, l) => names[l % names.length] as Domain)
}

/** r0 of block l in Å. */
export function scaleReal(config: ModelConfig, l: number): number {
  return config.scale_real[l % config.scale_real.length]
}

/** Scale of the reciprocal Gaussian of block l in Å. */
export function scaleReci(config: ModelConfig, l: number): number {
  return config.scale_reci[l % config.scale_reci.length]
}

/** Largest σ that any head can take, Å: max r0 / √b. */
export function largestSigma(config: ModelConfig): number {
  return Math.max(...config.scale_real) / Math.sqrt(config.gauss_lb_real)
}

/** Width r_max of the radial basis of block l in Å. */
export function radialRange(config: ModelConfig, l: number): number {
  return config.value_pe_dist_max < 0
    ? -config.value_pe_dist_max * scaleReal(config, l)
    : config.value_pe_dist_max
}
