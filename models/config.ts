// The hyper-parameters of a network, under the names that the published JSON configurations use (SPEC in
// docs/mathematics.md, section 0). Read from outside through `modelConfig`, which fills the published defaults.

import { z } from 'zod'
import { ConfigError } from '../src/errors.ts'

export const DOMAINS = ['real', 'reci', 'RECI', 'multihead'] as const
/** What the heads of one block sum over. `RECI` is `reci` with ρ replaced by 1/ρ; `multihead` is half and half. */
export type Domain = (typeof DOMAINS)[number]

const positive = z.number().positive().finite()
const count = z.number().int().positive().max(4096)

const schema = z.strictObject({
  architecture: z.literal('crystalformer').default('crystalformer'),
  /** B, blocks */
  num_layers: count.max(64).default(4),
  /** d */
  model_dim: count.default(128),
  /** H */
  head_num: count.default(8),
  /** F */
  ff_dim: count.max(65536).default(512),
  /** hidden sizes of the head MLP */
  embedding_dim: z.array(count).max(8).default([128]),
  /** outputs of the head */
  num_targets: count.max(256).default(1),
  /** 'real', 'reci', 'RECI', 'multihead', or several joined by '-': block l takes entry l mod length */
  domain: z.string().default('real'),
  /** r0 in Å, cycled over blocks */
  scale_real: z.array(positive).min(1).default([1.4]),
  /** b, lower bound of ρ in real space */
  gauss_lb_real: positive.max(0.999).default(0.5),
  /** r0 of reciprocal space in Å, cycled over blocks */
  scale_reci: z.array(positive).min(1).default([2.2]),
  gauss_lb_reci: positive.max(0.999).default(0.5),
  /** slope of ρ */
  positive_func_beta: positive.default(0.1),
  /** K radial Gaussians of ψ; 0 is the simplified model */
  value_pe_dist_real: z.number().int().min(0).max(1024).default(64),
  /** r_max: positive in Å, negative as a multiple of r0 */
  value_pe_dist_max: z.number().finite().default(-10),
  /** s, width of a radial Gaussian in grid steps */
  value_pe_width_scale: positive.default(1),
  /** half width of the box of lattice translations, and of the reciprocal grid */
  lattice_range: z.number().int().min(1).max(8).default(2),
  /** cutoff of the published adaptive box in σ; its sign is a switch of the published code */
  adaptive_cutoff_sigma: z.number().finite().default(-3.5),
  /** T-Fixup initialisation; published networks without it carry layer norms, which this project does not build */
  t_fixup_init: z.literal(true).default(true),
})

export type ModelConfig = z.output<typeof schema>
export type ModelConfigInput = z.input<typeof schema>

/** Validated configuration with every default filled in. @throws ConfigError naming each wrong key. */
export function modelConfig(input: unknown = {}): ModelConfig {
  const parsed = schema.safeParse(input)
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
  return config
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
