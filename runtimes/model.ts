// An opened model: its card, the device that runs it, and predictions. The same in Node and in a browser, which differ
// only in their devices and in how a graph is opened (node/load.ts, web/load.ts).

import { type Structure, validated } from '../src/crystal/structure.ts'
import { ConfigError, DeviceError } from '../src/errors.ts'
import type { Attention } from './attention.ts'
import { type Batching, checkBatching } from './batching-options.ts'
import type { Card } from './card.ts'
import { chooseDevice, type DeviceChoice, type Platform } from './choose-device.ts'
import { type Embedding, embeddingOf } from './embedding.ts'
import { ENGINE_NAMES, type EngineChoice, type EngineName } from './engine-name.ts'
import type { ModelContent } from './evaluator.ts'
import { readModelFile } from './model-file.ts'
import {
  askMany,
  askOne,
  type CallOptions,
  type ManyOptions,
  type Outcome,
  type Prediction,
  type PredictOptions,
  predictMany,
  predictOne,
} from './predict.ts'
import type { Device, Runtime } from './runtime.ts'
import { checkSeal } from './seal.ts'
import { selfCheck } from './self-check.ts'
import type { PublicKey } from './signature.ts'

/** Where a model runs and how it is opened, on every platform. */
export interface ModelOptions {
  /** `auto` takes the first device of the platform's order that is there and passes the self-check. */
  readonly device?: DeviceChoice
  /**
   * What computes. `auto` takes our own kernels (`fused`) for networks and devices that they know and where they pass the
   * self-check, else onnxruntime.
   */
  readonly engine?: EngineChoice
  /** Evaluate the golden samples before the model is returned (default). */
  readonly selfCheck?: boolean
  /**
   * Accept the model only where one of these has signed it (docs/security.md): PEM of one or several Ed25519 public keys, or
   * the bytes of one.
   */
  readonly publicKey?: PublicKey
  /** Calls of many callers wait for each other for a moment and share runs. Without it, every call runs alone. */
  readonly batching?: Batching
  /** Ends the loading with its reason. */
  readonly signal?: AbortSignal
  /** Told of every stage; in bytes while files are read. */
  readonly onProgress?: (progress: LoadProgress) => void
}

/** Threads that can be asked for: more are a mistake on any machine. */
export const MOST_THREADS = 1024

/** Their names. */
export const MODEL_OPTIONS: Record<keyof ModelOptions, true> = {
  device: true,
  engine: true,
  selfCheck: true,
  publicKey: true,
  batching: true,
  signal: true,
  onProgress: true,
}

/** A stage of loading. */
export type LoadProgress =
  | {
      /** The model file is read, or in browsers that of onnxruntime. */
      readonly stage: 'read' | 'runtime'
      /** bytes so far */
      readonly loaded: number
      /** bytes in all, where they are known */
      readonly total?: number
    }
  | {
      /** The graph is opened on a device, or checked on it with the golden samples. */
      readonly stage: 'open' | 'check'
      /** which */
      readonly device: Device
    }

/** A model that was opened: its card, the device that runs it, and predictions. */
export interface Model {
  /** What the model predicts, from what, and how well. */
  readonly card: Card
  /** The device that runs. */
  readonly device: Device
  /** What computes. */
  readonly engine: EngineName
  /** One line: the device that runs, by which engine, and why others were passed over. */
  readonly deviceReport: string
  /** Whether the file proves that it is what was exported; not, where it is older than seals. */
  readonly sealed: boolean
  /** Largest relative error on the golden samples; undefined when the self-check was switched off. */
  readonly goldenError: number | undefined
  /**
   * The value of one crystal, whether it is of the kind that the model knows, and an interval. Calls may overlap.
   * @throws StructureError, ElementError, LimitError, DeviceError; ConfigError for a level that is none
   */
  predict(structure: Structure, options?: PredictOptions): Promise<Prediction>
  /** The same of many crystals in input order, with the error of each that failed. Batches by total atoms. */
  predictMany(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    options?: ManyOptions & PredictOptions,
  ): AsyncGenerator<Outcome, void, undefined>
  /**
   * The pooled atoms of a crystal before the head of the network, [model_dim]: features for use elsewhere.
   * @throws as predict, and ConfigError for a model that was exported without `--outputs embedding`
   */
  embed(structure: Structure, options?: CallOptions): Promise<Float32Array>
  /** The embeddings of many crystals, as predictMany gives their values. @throws ConfigError as embed */
  embedMany(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    options?: ManyOptions,
  ): AsyncGenerator<Outcome<Embedding>, void, undefined>
  /**
   * How every atom attends to the periodic images around it; `strongestImages` sorts them.
   * @throws as predict, and ConfigError for a model that was exported without `--outputs attention`
   */
  attention(structure: Structure): Promise<Attention>
  /** Ends the workers and frees the device once the runs under way are done. */
  dispose(): Promise<void>
}

const UNSEALED =
  'was exported before model files carried a seal: a changed byte in it would not be noticed; export the model again'

/** @throws ConfigError for what is none */
function checkEngine(engine: string): void {
  if (engine === 'auto' || (ENGINE_NAMES as readonly string[]).includes(engine)) return
  throw new ConfigError(`engine "${engine}": expected one of ${ENGINE_NAMES.join(', ')}, or auto`)
}

/** What callers that come one by one need not load. */
async function withQueue(runtime: Runtime, card: Card, batching: Batching): Promise<Runtime> {
  const { batched } = await import('./batching.ts')
  return batched(runtime, card, batching)
}

/** Opens a model on one device. @throws DeviceError when it cannot. */
export type OpenRuntime = (model: ModelContent, device: Device, engine: EngineChoice) => Promise<Runtime>

/**
 * A model from the bytes of its file: read, check the card, open, self-check.
 * @param file how errors name the model
 * @throws ModelFileError when the file cannot be used; SignatureError when `publicKey` has not signed it; DeviceError when no
 *   device runs it within the card's tolerance; ConfigError for a device that the platform does not know.
 */
export async function openModel(
  { bytes, file }: { readonly bytes: Uint8Array; readonly file: string },
  platform: Platform,
  openRuntime: OpenRuntime,
  options: ModelOptions,
): Promise<Model> {
  const { device = 'auto', engine = 'auto', selfCheck: checks = true, batching, signal, onProgress } = options
  checkEngine(engine)
  if (batching) checkBatching(batching)
  if (options.publicKey !== undefined) {
    // What most need not load. Before anything of the file is read.
    const { checkSignature } = await import('./signature.ts')
    await checkSignature(bytes, options.publicKey, platform, file)
  }
  const model = readModelFile(bytes, file)
  const sealed = await checkSeal(bytes, model, file)
  if (!sealed) platform.warn?.(`${file} ${UNSEALED}`)
  const { card, inputs, outputs } = model
  let goldenError: number | undefined
  async function open(device: Device, engine: EngineChoice): Promise<Runtime> {
    signal?.throwIfAborted()
    onProgress?.({ stage: 'open', device })
    const runtime = await openRuntime({ bytes, card, inputs, outputs }, device, engine)
    if (!checks) return runtime
    onProgress?.({ stage: 'check', device })
    try {
      goldenError = await selfCheck(card, runtime)
      signal?.throwIfAborted()
      return runtime
    } catch (error) {
      await runtime.dispose()
      if (engine !== 'auto' || runtime.engine === 'onnxruntime' || !(error instanceof DeviceError))
        throw error
      platform.warn?.(`onnxruntime runs ${file}, not the fused engine: ${error.message}`)
      return open(device, 'onnxruntime')
    }
  }
  // What is asked of the fused engine is asked of the one device that it has code for.
  const where = engine === 'fused' && device === 'auto' ? platform.fused : device
  const nextStep = engine === 'fused' ? () => 'use engine "onnxruntime", or "auto"' : platform.nextStep
  const { runtime: opened, report } = await chooseDevice(where, { ...platform, nextStep }, (device) =>
    open(device, engine),
  )
  const runtime = batching ? await withQueue(opened, card, batching) : opened
  return {
    card,
    device: runtime.device,
    engine: runtime.engine,
    deviceReport: report,
    sealed,
    goldenError,
    predict: (structure, options) => predictOne(card, runtime, structure, options),
    predictMany: (structures, options) => predictMany(card, runtime, structures, options),
    embed: async (structure, options) =>
      (await askOne(runtime, embeddingOf(card), structure, options)).embedding,
    embedMany: (structures, options) => askMany(card, runtime, embeddingOf(card), structures, options),
    attention: async (structure) => runtime.attention(validated(structure)),
    dispose: () => runtime.dispose(),
  }
}
