// Checks of a model file from the mathematics to a device: float64 reference, the graph in float64, tfjs in float32, and
// onnxruntime on every device here, for the golden samples and any other crystals. An .onnx file alone is enough, since it
// holds its weights.

import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { imageRadius } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { configure, isKnown, networkOf } from '../../models/registry.ts'
import type { Card } from '../../runtimes/card.ts'
import type { EngineName } from '../../runtimes/engine-name.ts'
import type { ModelContent } from '../../runtimes/evaluator.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { absentInNode, NODE, type NodeDevice, usualDevices } from '../../runtimes/node/devices.ts'
import { openNode } from '../../runtimes/node/open.ts'
import { readModel } from '../../runtimes/node/source.ts'
import { OUTPUT, type Runtime } from '../../runtimes/runtime.ts'
import { checkSeal } from '../../runtimes/seal.ts'
import { checkSignature, type PublicKey } from '../../runtimes/signature.ts'
import { storedWeights } from '../../runtimes/stored-weights.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { CrystalOnnxError, DeviceError, LimitError } from '../../src/errors.ts'
import { restored } from '../../src/math/transform.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { type PreparedCrystal, prepareCrystal } from '../../src/periodic/prepare.ts'
import {
  checkBatches,
  compare,
  type Evaluate,
  type Subject,
  summarise,
  type VerifyRow,
  type VerifySummary,
} from './checks.ts'
import { type Float64Values, ownInFloat64 } from './float64.ts'
import { foldTargets } from './fold.ts'
import { type GraphInFloat64, graphInFloat64 } from './graph64.ts'
import { type SmoothnessRow, smoothness } from './smoothness.ts'
import { batchTensors, withParameters } from './tensors.ts'

/** Stored golden values must be what the weights in the file give in float64, up to the order of summation. */
const SAME_FLOAT64 = 1e-9
/** The reference takes time with the square of the atoms: minutes for larger cells. */
const MAX_ATOMS = 100
/** Given crystals of more atoms are not worth the seconds that the graph in float64 takes for them. */
const MAX_GRAPH_ATOMS = 32
/** How often the atoms of a crystal are moved, by each amplitude. */
const MOVES = 3
const FLOAT64 = 'float64'
const GRAPH64 = 'float64-graph'
const TFJS = 'tfjs'
const FUSED = 'fused'

/** What was compared, and how far apart it was. */
export interface Verification {
  /** one a crystal, device, batch and property */
  readonly rows: readonly VerifyRow[]
  /** one a device and property */
  readonly summaries: readonly VerifySummary[]
  /** devices that are not here, what a network has no float64 of, and crystals that are too large for it, and why */
  readonly passedOver: readonly PassedOver[]
  /** structures that were given but cannot be evaluated */
  readonly failed: readonly {
    /** its name */
    readonly structure: string
    /** why */
    readonly error: CrystalOnnxError
  }[]
  /** how much predictions change when atoms move, if that was asked for */
  readonly smoothness: readonly SmoothnessRow[]
  /** the choice that a prediction depends on, at which it jumps and which rounding can decide; absent where it has none, or is not known */
  readonly jumps?: string
  /** largest relative error allowed, from the card */
  readonly tolerance: number
  /** Whether every row is within its tolerance. */
  readonly pass: boolean
}

/** Something that was not compared. */
export interface PassedOver {
  /** the device of onnxruntime, the fused engine, or the evaluation in float64 or in tfjs */
  readonly device: NodeDevice | typeof FLOAT64 | typeof GRAPH64 | typeof TFJS | typeof FUSED
  /** for a person */
  readonly reason: string
}

/** What to compare besides the golden samples, and where. */
export interface VerifyOptions {
  /** Crystals besides the golden samples, at most 100 atoms each. */
  readonly structures?: readonly Structure[]
  /** Devices that must be here; by default, those that are. */
  readonly devices?: readonly NodeDevice[]
  /** Also measure how much predictions of the golden crystals and of `structures` change when atoms move a little. */
  readonly smooth?: boolean
  /** The file is refused unless one of these has signed it. */
  readonly publicKey?: PublicKey
  /** Ends the comparison after the current row, with its reason. */
  readonly signal?: AbortSignal
  /** Told of every row as it is made. */
  readonly onRow?: (row: VerifyRow) => void
}

/**
 * Runs every check against the float64 reference: the network's own program, or for networks without one the graph in
 * float64. A disagreement beyond the card's tolerance throws nothing: it makes `pass` false.
 * @throws ModelFileError when the file cannot be used; SignatureError when `publicKey` has not signed it; DeviceError when a device opens the model and then fails, or
 *   one that was named is not here.
 */
export async function verifyModel(
  source: string | URL | Uint8Array,
  { structures = [], devices, smooth = false, publicKey, signal, onRow }: VerifyOptions = {},
): Promise<Verification> {
  for (const device of devices ?? []) refuseAbsent(device)
  const { bytes, file } = await readModel(source, { signal })
  if (publicKey !== undefined) await checkSignature(bytes, publicKey, NODE, file)
  const read = readModelFile(bytes, file)
  await checkSeal(bytes, read, file)
  const { card, inputs, outputs } = read
  const weights = storedWeights(bytes, file)
  // A file needs no program but its own: without that of its network two checks are missing.
  const described = { ...card.config, architecture: card.architecture }
  const config = isKnown(described) ? configure(described) : undefined
  const graph = graphInFloat64(bytes, file)
  const own = config && ownInFloat64(weights, config, card.mode, card.targets)
  const model = { card, weights, graph, own }
  const rows: VerifyRow[] = []
  const add = (row: VerifyRow): void => {
    signal?.throwIfAborted()
    rows.push(row)
    onRow?.(row)
  }

  const passedOver: PassedOver[] = []
  if (!own) {
    const title = config ? networkOf(config).title : card.architecture
    const reason = `${FLOAT64}: a ${title} has no float64 program of its own; reference is ${GRAPH64}`
    passedOver.push({ device: FLOAT64, reason })
  }
  const subjects = card.golden.map((sample) => subjectOf(structure(sample), model))
  const truth = { device: own ? FLOAT64 : GRAPH64, batch: 'alone' as const }
  for (const [n, { value }] of card.golden.entries()) {
    compare(card, truth, subjects[n], value, SAME_FLOAT64).forEach(add)
  }
  const failed: { structure: string; error: CrystalOnnxError }[] = []
  for (const [n, crystal] of structures.entries()) {
    signal?.throwIfAborted()
    const named = { ...crystal, name: crystal.name ?? `structure ${n + 1}` }
    try {
      subjects.push(subjectOf(named, model))
    } catch (error) {
      if (!(error instanceof CrystalOnnxError)) throw error
      failed.push({ structure: named.name, error })
    }
  }

  for (const [n, subject] of own ? subjects.entries() : []) {
    try {
      if (n >= card.golden.length) refuseLarge(subject.prepared)
      const values = graph(subject.prepared)
      compare(card, { device: GRAPH64, batch: 'alone' }, subject, values, card.tolerance).forEach(add)
    } catch (error) {
      if (!(error instanceof LimitError)) throw error
      passedOver.push({ device: GRAPH64, reason: `${GRAPH64} of ${subject.name}: ${error.message}` })
    }
  }
  if (config) {
    await inTensorFlow(model, config, async (evaluate) => {
      for await (const row of checkBatches(card, TFJS, subjects, evaluate)) add(row)
    })
  } else {
    const reason = `${TFJS}: the network ${card.architecture} is not known here; its file adds it (--network)`
    passedOver.push({ device: TFJS, reason })
  }
  for (const { check, device, engine } of (devices ?? usualDevices()).flatMap(checksOf)) {
    const runtime = await openIfHere({ bytes, card, inputs, outputs }, device, engine)
    if (runtime instanceof DeviceError) {
      const { message: reason } = runtime
      // Not every network has a fused forward: the file runs on the device all the same.
      if (devices && engine === 'onnxruntime') {
        throw new DeviceError(`${reason}; ${NODE.nextStep(device)}`, { cause: runtime })
      }
      passedOver.push({ device: check, reason })
      continue
    }
    try {
      for await (const row of checkBatches(card, check, subjects, predicting(card, runtime))) add(row)
    } finally {
      await runtime.dispose()
    }
  }
  const pass = rows.every((row) => row.pass)
  const jumps = config && networkOf(config).jumps?.(config)
  const moved = smooth ? await smoothnessHere({ bytes, card, inputs, outputs }, subjects) : []
  return {
    ...{ rows, summaries: summarise(rows), passedOver, failed, smoothness: moved },
    ...(jumps === undefined ? {} : { jumps }),
    ...{ tolerance: card.tolerance, pass },
  }
}

/** On the processor, by whatever engine is fastest there. */
async function smoothnessHere(model: ModelContent, subjects: readonly Subject[]): Promise<SmoothnessRow[]> {
  const runtime = await openNode(model, { engine: 'auto', device: 'cpu', threads: 1, worker: false })
  try {
    const crystals = subjects.map(({ name, crystal }) => ({ ...crystal, name }))
    return await smoothness(model.card, runtime, crystals, MOVES)
  } finally {
    await runtime.dispose()
  }
}

interface Reference {
  readonly card: Card
  readonly weights: ReturnType<typeof storedWeights>
  readonly graph: GraphInFloat64
  /** undefined where the graph is the reference */
  readonly own: Float64Values | undefined
}

function subjectOf(crystal: Structure, { card, graph, own }: Reference): Subject {
  const atoms = crystal.frac.length
  if (atoms > MAX_ATOMS) {
    throw new LimitError(
      `${atoms} atoms, the float64 reference takes at most ${MAX_ATOMS}; verify a smaller cell`,
    )
  }
  const prepared = prepareCrystal(crystal, card.geometry, card.elements, { oneOfEachOrbit: true })
  if (!own) refuseLarge(prepared)
  const reference = own ? own(crystal) : graph(prepared)
  return { name: crystal.name ?? '', crystal, prepared, reference }
}

function refuseLarge({ atoms }: PreparedCrystal): void {
  if (atoms <= MAX_GRAPH_ATOMS) return
  throw new LimitError(
    `${atoms} atoms that differ by symmetry, evaluated in float64 are at most ${MAX_GRAPH_ATOMS}; verify a smaller cell`,
  )
}

/** The function that was recorded, on the current tfjs backend. */
async function inTensorFlow(
  { card, weights }: Reference,
  config: NetworkConfig,
  use: (evaluate: Evaluate) => Promise<void>,
): Promise<void> {
  const network = networkOf(config)
  const radius = imageRadius(card.geometry)
  await withParameters(foldTargets(weights, config, card.targets), (parameters) =>
    use(async (samples) => {
      const batch = packBatch(samples.map(({ prepared }) => prepared))
      const output = tf.tidy(() => network.forward(parameters, config, batchTensors(batch), { radius }))
      const rows = (await output.array()) as number[][]
      output.dispose()
      return rows.map((row) => row.map((of, t) => restored(of, card.targets[t])))
    }),
  )
}

/** A device that is not here for certain need not wait for the other checks. */
function refuseAbsent(device: NodeDevice): void {
  const absent = absentInNode(device)
  if (absent) throw new DeviceError(`device ${device} cannot be used: ${absent}; ${NODE.nextStep(device)}`)
}

/** What computes on a device, by the name of the check. */
function checksOf(
  device: NodeDevice,
): { check: PassedOver['device']; device: NodeDevice; engine: EngineName }[] {
  const graph = { check: device, device, engine: 'onnxruntime' } as const
  return device === NODE.fused ? [graph, { check: FUSED, device, engine: 'fused' }] : [graph]
}

/** The model on a device, or why that is not to be had. */
async function openIfHere(
  model: ModelContent,
  device: NodeDevice,
  engine: EngineName,
): Promise<Runtime | DeviceError> {
  try {
    return await openNode(model, { engine, device, threads: 1, worker: false })
  } catch (error) {
    if (error instanceof DeviceError) return error
    throw error
  }
}

/** What a device predicts. */
function predicting({ targets }: Card, runtime: Runtime): Evaluate {
  const none = targets.map(() => Number.NaN)
  return async (samples) => {
    const crystals = samples.map(({ crystal }) => crystal)
    const options = { maxAtoms: Number.POSITIVE_INFINITY, trusted: true }
    const results = await runtime.evaluate(crystals, [OUTPUT], options)
    return results.map((result) => (result instanceof CrystalOnnxError ? none : result.rows[OUTPUT]))
  }
}
