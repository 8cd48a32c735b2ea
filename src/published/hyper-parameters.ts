// The hyper-parameters of the two published repositories, key by key: which ones make the network, which must have the
// one value that this toolkit builds, and which only concern training. A key that is none of these is listed.

import { type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { ConfigError } from '../errors.ts'

/** As a checkpoint, a JSON or an hparams.yaml holds them. */
export type HyperParameters = ReadonlyMap<string, unknown>

/** Keys of the network under the same name in the published files and here. */
const NETWORK = [
  'num_layers',
  'model_dim',
  'head_num',
  'ff_dim',
  'embedding_dim',
  'domain',
  'scale_real',
  'gauss_lb_real',
  'scale_reci',
  'gauss_lb_reci',
  'value_pe_dist_real',
  'value_pe_dist_max',
  'lattice_range',
  'adaptive_cutoff_sigma',
  't_fixup_init',
] as const

/** Further keys of CrystalFramer. */
const FRAMES = [
  'frame_method',
  'value_pe_angle_real',
  'value_pe_angle_wscale',
  'value_pe_angle_coef',
  'value_pe_dist_coef',
  'cos_abs',
  'symm_break_noise',
] as const

/** What Crystalformer and CrystalFramer call differently; our name first. */
const WIDTH = ['value_pe_width_scale', 'value_pe_dist_wscale'] as const
const BETA = ['positive_func_beta', 'positive_func'] as const

/** Options of the published code that have one value in every published file, and no other here. */
const FIXED: Record<string, readonly unknown[]> = {
  encoder_name: ['latticeformer'],
  k_dim: [0],
  v_dim: [0],
  t_activation: ['relu'],
  gauss_state: ['q'],
  normalize_gauss: [true],
  minimum_range: [true],
  use_cgcnn_feat: [false],
  value_pe_dist_reci: [0],
  value_pe_wave_real: [0],
  value_pe_wave_reci: [0],
  value_pe_headed: [true],
  value_pe_condproj: ['no'],
  exclude_self: [false],
  norm_func_mode: [0],
  frame_mode: ['both'],
  pooling: ['avr'],
  pre_pooling_op: ['no'],
  norm_type: ['no', 'id'],
  use_cuda_code: [true],
}

/** Keys that say how a network was trained, or run, and do not change what it computes. */
const TRAINING = new Set(
  `seed experiment_name save_path param_file optimizer lr lr_sch sch_params adam_betas momentum weight_decay clip_norm
   clip_grad dropout batch_size n_epochs targets loss_func freeze_bn_epochs train_filter_max train_filter_min
   train_percent_check val_percent_check model_checkpoint_save_top_k pretrained_model num_workers target_set
   training_data normalize_targets swa_epochs scale_grad use_low_memory ddp reproduciblity_state`.split(
    /\s+/,
  ),
)

export interface PublishedConfig {
  readonly config: ModelConfig
  /** keys that neither repository's configuration has */
  readonly unknown: readonly string[]
  /** keys of the network that were not given; the value of the published JSON files is taken */
  readonly missing: readonly string[]
}

/**
 * The network that published hyper-parameters describe.
 * @throws ConfigError naming each key whose value this toolkit does not build.
 */
export function configOf(hyper: HyperParameters, numTargets: number): PublishedConfig {
  const wrong = Object.entries(FIXED)
    .filter(([key, allowed]) => hyper.has(key) && !allowed.includes(hyper.get(key)))
    .map(([key, allowed]) => `${key} is ${show(hyper.get(key))}, expected ${allowed.map(show).join(' or ')}`)
  const framed = hasFrames(hyper)
  // Without angles the released kernels are those of Crystalformer, where only 1 has been published.
  if (!framed && Number(hyper.get('value_pe_dist_coef') ?? 1) !== 1) {
    wrong.push(`value_pe_dist_coef is ${show(hyper.get('value_pe_dist_coef'))}, expected 1 without frames`)
  }
  if (wrong.length > 0) {
    throw new ConfigError(`hyper-parameters of a network that is not built here: ${wrong.join('; ')}`)
  }

  const keys: readonly string[] = framed ? [...NETWORK, ...FRAMES] : NETWORK
  const given = new Map<string, unknown>()
  for (const key of keys) if (hyper.has(key)) given.set(key, listed(key, hyper.get(key)))
  const width = either(hyper, WIDTH, (value) => value)
  if (width !== undefined) given.set(WIDTH[0], width)
  const beta = either(hyper, BETA, slope)
  if (beta !== undefined) given.set(BETA[0], beta)
  // The released max_static takes its second axis among the farthest images, against the paper; its weights expect that.
  if (framed && hyper.get('frame_method') === 'max_static') given.set('static_axis', 'farthest')

  const config = modelConfig({
    ...Object.fromEntries(given),
    architecture: framed ? 'crystalframer' : 'crystalformer',
    num_targets: numTargets,
  })
  const known = new Set<string>([
    ...NETWORK,
    ...FRAMES,
    ...WIDTH,
    ...BETA,
    ...Object.keys(FIXED),
    ...TRAINING,
  ])
  return {
    config,
    unknown: [...hyper.keys()].filter((key) => !known.has(key)),
    missing: [...keys, WIDTH[0], BETA[0]].filter((key) => !given.has(key)),
  }
}

/** The names of the targets, from `targets`: one, or a list. */
export function targetNames(hyper: HyperParameters): string[] | undefined {
  const value = hyper.get('targets')
  if (value === undefined) return undefined
  const names = Array.isArray(value) ? value : [value]
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names
  throw new ConfigError(`targets is ${show(value)}, expected the name of a property or a list of names`)
}

/** Network keys in which two sets of hyper-parameters differ, as "key 4 instead of 1". */
export function differences(chosen: HyperParameters, own: HyperParameters): string[] {
  return [...NETWORK, ...FRAMES, ...WIDTH, ...BETA]
    .filter((key) => chosen.has(key) && own.has(key) && show(chosen.get(key)) !== show(own.get(key)))
    .map((key) => `${key} ${show(chosen.get(key))} instead of ${show(own.get(key))}`)
}

/** The hyper-parameters that make the published code build `config`, for both repositories. */
export function hyperParametersOf(config: ModelConfig, targets: readonly string[]): Record<string, unknown> {
  const values = config as unknown as Record<string, unknown>
  const { value_pe_width_scale: width, positive_func_beta: beta } = config
  return {
    ...Object.fromEntries(Object.entries(FIXED).map(([key, [value]]) => [key, value])),
    ...Object.fromEntries(
      [...NETWORK, ...FRAMES].filter((key) => key in values).map((key) => [key, values[key]]),
    ),
    ...(config.architecture === 'crystalformer' && { frame_method: 'no', value_pe_angle_real: 0 }),
    value_pe_width_scale: width,
    value_pe_dist_wscale: width,
    positive_func_beta: beta,
    positive_func: `elu=${beta}`,
    targets: targets.length === 1 ? targets[0] : targets,
  }
}

/** CrystalFramer's repository trains the plain network too: without angular Gaussians, or with the frame "no". */
function hasFrames(hyper: HyperParameters): boolean {
  if (!hyper.has('frame_method') && !hyper.has('value_pe_angle_real')) return false
  return hyper.get('frame_method') !== 'no' && hyper.get('value_pe_angle_real') !== 0
}

/** The published code takes a number for a list of one. */
function listed(key: string, value: unknown): unknown {
  return ['scale_real', 'scale_reci', 'embedding_dim'].includes(key) && typeof value === 'number'
    ? [value]
    : value
}

/** One value under two names, which must agree. */
function either(
  hyper: HyperParameters,
  [ours, theirs]: readonly [string, string],
  convert: (value: unknown) => unknown,
): unknown {
  const found = [ours, theirs].filter((key) => hyper.has(key)).map((key) => convert(hyper.get(key)))
  if (found.length === 2 && found[0] !== found[1]) {
    throw new ConfigError(
      `${ours} is ${show(found[0])} and ${theirs} is ${show(found[1])}; they mean the same`,
    )
  }
  return found[0]
}

/** Crystalformer writes β inside the name of ρ: "elu=0.1". */
function slope(value: unknown): unknown {
  if (typeof value === 'number') return value
  const [, beta] = /^elu=([\d.eE+-]+)$/.exec(String(value)) ?? []
  if (beta !== undefined && Number.isFinite(Number(beta))) return Number(beta)
  throw new ConfigError(`positive_func is ${show(value)}, expected "elu=" and a number, such as "elu=0.1"`)
}

/** A value for a message; what a file may nest deeply or share endlessly is only named. */
function show(value: unknown): string {
  if (Array.isArray(value))
    return `[${value
      .slice(0, 8)
      .map((item) => (Array.isArray(item) ? '…' : show(item)))
      .join(', ')}]`
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
