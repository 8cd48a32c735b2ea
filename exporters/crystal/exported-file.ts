// From the weights of a crystal model to one .onnx file that checks itself: graph, weights, card, golden samples. The
// graph is recorded from the function that was trained (exporters/onnx); here are only its inputs and what it is told.

import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { GeometryOptions, Mode } from '../../models/geometry.ts'
import type { ExtraOutput, Network, NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import { type Weights, writeSafetensors } from '../../models/safetensors.ts'
import { CARD_KEY, type Card, cardFormat, LARGEST_TOLERANCE } from '../../runtimes/card.ts'
import type { Provenance } from '../../runtimes/card-provenance.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import type { Runtime } from '../../runtimes/runtime.ts'
import { hexDigest, sealed } from '../../runtimes/seal.ts'
import { selfCheck } from '../../runtimes/self-check.ts'
import { WEIGHTS_KEY } from '../../runtimes/stored-weights.ts'
import { isOrdered, type Structure, structure } from '../../src/crystal/structure.ts'
import type { Domain } from '../../src/domain/section.ts'
import { ConfigError, DeviceError, ExportError } from '../../src/errors.ts'
import type { Packing } from '../../src/math/fewer-bits.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import { VERSION } from '../../src/version.ts'
import type { ExportResult } from '../onnx/options.ts'
import type { Calibration } from './calibrate.ts'
import { type DomainData, domainFromFile } from './domain.ts'
import { graphValues, membersInFloat64, ownInFloat64 } from './float64.ts'
import { foldTargets, type Target } from './fold.ts'
import { goldenSamples, goldenStructures } from './golden.ts'
import { checkOutputs, crystalGraph, inGraph } from './graph.ts'
import { appendMetadata } from './metadata.ts'
import type { OpenFile } from './opening.ts'
import { type Precision, passCrystalGate, passGoldenGate, roundedWeights } from './precision.ts'
import { radiusCost } from './radius-cost.ts'
import { smoothness } from './smoothness.ts'
import { withParameters } from './tensors.ts'
import { locateWeights } from './weights.ts'

/** What float32 must reach against float64 on any device. */
const TOLERANCE = 1e-5
/** Of the crystals whose smoothness the card states. */
const SMOOTHNESS_ATOMS = 8

/** A trained network, what it predicts, and what its file should be. */
export interface CrystalExportOptions {
  /** Tensors under the published names. */
  readonly weights: Weights
  /** Of the network that the weights are of; `configure` and `inferConfig` of crystal-onnx/models give one. */
  readonly config: NetworkConfig
  /** `converged` (default) sums every image that matters, `published` the box of the published code. */
  readonly mode?: Mode
  /** converged: an error bound or a radius instead of the default bound */
  readonly geometry?: Pick<GeometryOptions, 'errorBound' | 'radius'>
  /** converged: what `calibrate` found on real crystals, for a smaller radius at the same error bound */
  readonly calibration?: Calibration
  /**
   * The graph makes the images itself, from lattices, fractional coordinates and a table of translations, so that any
   * client of onnxruntime can run it; dense, for small cells. docs/export.md
   */
  readonly inGraph?: boolean
  /** One a column of the head: prediction = output·std + mean, or the number whose transform that is. */
  readonly targets: readonly Target[]
  /** Golden samples instead of the built-in ones: a few crystals of at most 64 atoms. */
  readonly golden?: readonly Structure[]
  /** What the card says of the training; `readRun` gives it. */
  readonly training?: Card['training']
  /**
   * What the graph gives besides the prediction: `embedding`, the pooled atoms before the head, and `attention`, the
   * weight of every periodic image, with the frames of a CrystalFramer. None by default.
   */
  readonly outputs?: readonly ExtraOutput[]
  /** What the model has seen and how wrong it was there; `readRun` gives that of a run. The graph then gives the embedding. */
  readonly domain?: Domain
  /**
   * Labelled crystals to fit a domain to, with the finished file: for weights that do not come with one.
   */
  readonly domainData?: DomainData
  /** What the model was made of and what may be done with it, for its card. */
  readonly provenance?: Provenance
  /** The model is a demonstration, and its file says so. */
  readonly demonstration?: boolean
  /**
   * Bits of the matrices: half or a quarter of the file for float16 or int8, computed in float32 all the same. Refused
   * where the rounding moves the property by more than LIMITS (precision.ts).
   */
  readonly precision?: Precision
  /** float16 and int8: crystals whose predictions may not move by more than that in the mean, either */
  readonly gate?: Iterable<Structure> | AsyncIterable<Structure>
  /**
   * converged, with a radius smaller than that of the default error bound: crystals by which is measured what that costs,
   * 64 of them. Default: the golden samples.
   */
  readonly radiusCrystals?: Iterable<Structure> | AsyncIterable<Structure>
  /** ONNX operator set, 17 by default */
  readonly opset?: number
  /** Told of each recording and each later stage of the graph: `done` of `total`. */
  readonly onProgress?: (stage: string, done: number, total: number) => void
}

/** What was written, in numbers. */
export interface CrystalExportReport {
  /** Of the file. */
  readonly bytes: number
  /** In the graph. */
  readonly nodes: number
  /** Nodes by ONNX operator, most frequent first. */
  readonly operators: Readonly<Record<string, number>>
  /** Version of the ONNX operator set. */
  readonly opset: number
  /** Å: the radius, or the largest cutoff of the adaptive box; null for a fixed box and without real-space heads */
  readonly cutoff: number | null
  /** How well onnxruntime's CPU does on the golden samples. */
  readonly golden: {
    /** Largest relative error. */
    readonly max_rel: number
  }
  /** What the radius costs; null where it is that of the default error bound or larger, or nothing is neglected. */
  readonly radius_cost: NonNullable<Card['radius_cost']> | null
  /** What fewer bits of the weights do to the property; null for float32. */
  readonly precision: Card['precision'] | null
  /** Crystals that the domain was fitted to and calibrated on; null where the file knows no domain. */
  readonly domain: Domain['crystals'] | null
}

/** A finished model file. */
export interface CrystalExportResult {
  /** The .onnx file. */
  readonly bytes: Uint8Array
  /** The card in the file. */
  readonly card: Card
  /** What was written, in numbers. */
  readonly report: CrystalExportReport
}

/**
 * Makes the file of a model and evaluates its golden samples before returning it.
 * @param open files that were made
 * @throws WeightsError for weights that do not fit or were never trained; ConfigError for targets or a geometry that
 *   cannot be; ExportError when the graph cannot be made, disagrees with the float64 reference, or fewer bits move the
 *   property too much.
 */
export async function exportedFile(
  options: CrystalExportOptions,
  open: OpenFile,
): Promise<CrystalExportResult> {
  const draft = await draftOf(options, open)
  const result = await finished(draft, open)
  const { domainData, radiusCrystals, onProgress } = options
  const domain = domainData && (await domainFromFile(result.bytes, domainData, open, onProgress))
  const radius_cost = await radiusCost(result.bytes, draft.plan.config, radiusCrystals, open)
  if (!domain && !radius_cost) return result
  const card = { ...draft.card, ...(radius_cost && { radius_cost }), ...(domain && { domain }) }
  return finished({ ...draft, card }, open)
}

/** A file before its parts are put together. */
interface Draft {
  readonly plan: Plan
  readonly graph: ExportResult
  readonly weights: Weights
  readonly card: Card
}

async function draftOf(options: CrystalExportOptions, open: OpenFile): Promise<Draft> {
  const { weights, precision = 'float32', gate } = options
  if (precision === 'float32' && gate) {
    throw new ConfigError('a gate is for weights in fewer bits: ask for precision float16 or int8')
  }
  const plan = planOf(options)
  const plain = once(() => recorded(plan, weights))
  const original = await cardOf(plan, weights, plain)
  if (precision === 'float32') return { plan, graph: await plain(), weights, card: original }
  const rounded = roundedWeights(weights, precision)
  const packed = once(() => recorded(plan, rounded, precision))
  const { golden, ...card } = await cardOf(plan, rounded, packed)
  const described: Card = {
    ...card,
    precision: {
      ...passGoldenGate(precision, plan.options.targets, original.golden, golden),
      original_sha256: original.weights_sha256,
    },
    golden: golden.map((sample, n) => ({ ...sample, original: original.golden[n].value })),
  }
  const draft = { plan, graph: await packed(), weights: rounded, card: described }
  if (!gate) return draft
  const result = await finished(draft, open)
  const before = await finished({ plan, graph: await plain(), weights, card: original }, open)
  const files = { original: before.bytes, rounded: result.bytes }
  const passed = await passCrystalGate(precision, files, gate, open)
  return { ...draft, card: { ...described, precision: { ...described.precision!, gate: passed } } }
}

/** A value that is made when it is first asked for. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** What is to be exported, whatever its weights. */
interface Plan {
  readonly options: CrystalExportOptions
  readonly config: NetworkConfig
  readonly mode: Mode
  readonly outputs: Card['outputs']
  readonly geometry: GeometrySpec
  readonly errorBound: number | null
}

function planOf(options: CrystalExportOptions): Plan {
  const { weights, mode = 'converged', calibration } = options
  const network = networkOf(options.config)
  const config =
    mode === 'published' ? (network.asPublished?.(options.config) ?? options.config) : options.config
  const outputs = outputsOf(options, network)
  checkTrained(weights, config)
  checkOutputs(outputs, config)
  const { geometry, errorBound } = network.geometry(config, mode, {
    ...options.geometry,
    smallestRho: calibration?.smallestRho,
  })
  const place = options.inGraph ? inGraph(geometry) : geometry
  return { options, config, mode, outputs, geometry: place, errorBound }
}

/** What is asked for, and what a domain needs. */
function outputsOf(
  { outputs = [], domain, domainData, config }: CrystalExportOptions,
  network: Network,
): Card['outputs'] {
  const needed = domain?.features ?? (domainData && network.lacks(config, 'embedding') === undefined)
  return [
    ...new Set([
      ...outputs,
      ...(needed ? (['embedding'] as const) : []),
      ...(network.members ? (['members'] as const) : []),
    ]),
  ]
}

/** The card of a file with these weights and this graph. */
async function cardOf(
  { options, config, mode, outputs, geometry, errorBound }: Plan,
  weights: Weights,
  graph: () => Promise<ExportResult>,
): Promise<Card> {
  const { targets, calibration } = options
  const network = networkOf(config)
  const inFloat64 =
    ownInFloat64(weights, config, mode, targets) ?? graphValues((await graph()).bytes, geometry)
  // Every sum may neglect that share of its weights, beside what float32 rounds.
  const neglected = network.sumsOverImages(config) * (errorBound ?? 0)
  const tolerance = Math.min(LARGEST_TOLERANCE, TOLERANCE + neglected)
  return {
    format: cardFormat(targets),
    toolkit: VERSION,
    architecture: config.architecture,
    config: { ...config },
    mode,
    targets: [...targets],
    elements: [...ELEMENT_TABLE],
    geometry,
    error_bound: errorBound,
    ...(calibration && {
      calibration: {
        crystals: calibration.crystals,
        observed_rho: calibration.observedRho,
        smallest_rho: calibration.smallestRho,
      },
    }),
    max_atoms: network.limits.runAtoms,
    ...(options.training && { training: options.training }),
    ...(options.domain && { domain: options.domain }),
    ...(options.provenance && { provenance: options.provenance }),
    ...(options.demonstration && { demonstration: true }),
    outputs: [...outputs],
    weights_sha256: await hexDigest(writeSafetensors(weights)),
    golden: goldenSamples(
      samplesOf(options, config, geometry),
      inFloat64,
      membersInFloat64(weights, config, mode, targets),
    ),
    tolerance: Number(tolerance.toPrecision(3)),
  }
}

/** Crystals for the golden samples that the graph can take. @throws ConfigError when none is left */
function samplesOf(
  { golden }: CrystalExportOptions,
  config: NetworkConfig,
  geometry: GeometrySpec,
): Structure[] {
  const samples = [...(golden ?? goldenStructures(config))].filter(
    (crystal) => !geometry.in_graph || isOrdered(crystal),
  )
  if (samples.length > 0) return samples
  throw new ConfigError(
    'none of the crystals can be a golden sample: a geometry in the graph needs ordered ones',
  )
}

function recorded(plan: Plan, weights: Weights, packing?: Packing): Promise<ExportResult> {
  const { config, options } = plan
  const { targets, opset, onProgress } = options
  return withParameters(foldTargets(weights, config, targets), async (parameters) => {
    const graph = await crystalGraph(
      parameters,
      { ...plan, targets },
      {
        opset,
        packing,
        name: config.architecture,
        producerVersion: VERSION,
        onProgress,
      },
    )
    if (!graph.external) return graph
    throw new ExportError(
      `weights of ${graph.external.length} bytes: a model file and its weights together are less than 2 GiB; train a smaller ` +
        'network, or ask for precision float16',
    )
  })
}

/** The whole file, checked. */
async function finished(
  { plan: { geometry, options }, graph, weights, card }: Draft,
  open: OpenFile,
): Promise<CrystalExportResult> {
  const located = locateWeights(graph.bytes, weights, card.precision?.weights)
  const fileWith = (card: Card) =>
    sealed(
      appendMetadata(graph.bytes, [
        [WEIGHTS_KEY, located],
        [CARD_KEY, JSON.stringify(card)],
      ]),
    )
  const { smoothness, ...golden } = await checkFile(await fileWith(card), open)
  const described = smoothness ? { ...card, smoothness } : card
  const bytes = await fileWith(described)
  const { nodes, operators } = graph
  const { opset = 17 } = options
  const { precision = null, radius_cost = null, domain } = card
  const report = {
    bytes: bytes.length,
    nodes,
    operators,
    opset,
    cutoff: cutoffOf(geometry),
    golden,
    radius_cost,
    precision,
    domain: domain?.crystals ?? null,
  }
  return { bytes, card: described, report }
}

/** Opens the finished file as any user of it would: the largest relative error on the golden samples, and how smooth it is. */
async function checkFile(
  bytes: Uint8Array,
  open: OpenFile,
): Promise<{ max_rel: number; smoothness: Card['smoothness'] }> {
  const { card, inputs, outputs } = readModelFile(bytes, 'exported model')
  const runtime = await open({ bytes, card, inputs, outputs }, { engine: 'onnxruntime' })
  try {
    const max_rel = await selfCheck(card, runtime)
    return { max_rel, smoothness: await smoothnessOf(card, runtime) }
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause
    throw new ExportError(
      `the exported graph disagrees with the float64 reference: ${cause.message}; with a radius of your own, choose a ` +
        'larger one',
      { cause },
    )
  } finally {
    await runtime.dispose()
  }
}

/** Of the small golden crystals; not of the published box, whose sums are there to be compared with others. */
async function smoothnessOf(card: Card, runtime: Runtime): Promise<Card['smoothness']> {
  if (card.mode === 'published') return undefined
  const small = card.golden.filter(({ frac }) => frac.length <= SMOOTHNESS_ATOMS)
  const rows = await smoothness(card, runtime, small.map(structure), 1)
  return [...new Set(rows.map(({ amplitude }) => amplitude))].map((amplitude) => ({
    amplitude,
    change: rows.filter((row) => row.amplitude === amplitude).map((row) => Number(row.change.toPrecision(3))),
  }))
}

function cutoffOf({ images }: GeometrySpec): number | null {
  if (images?.kind === 'sphere') return images.radius
  return images?.kind === 'adaptive-box' ? images.max_cutoff : null
}
