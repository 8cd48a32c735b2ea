// An evaluator in the current thread, of the fused engine or on onnxruntime-node. A run blocks this thread: open.ts puts
// evaluators into workers.

import type { EngineChoice } from '../engine-name.ts'
import { openEvaluator } from '../engines.ts'
import type { Evaluator, ModelContent } from '../evaluator.ts'
import type { Machine } from '../fused/machine.ts'
import { type Gate, sessionBehind } from '../session.ts'
import { loadAddon } from './addon.ts'
import { nativeMachine } from './native.ts'
import { openSession, type SessionOptions } from './session.ts'

export interface EvaluatorOptions extends SessionOptions {
  readonly engine: EngineChoice
}

/**
 * @param gate everything that onnxruntime does goes through it
 * @throws DeviceError or ModelFileError when the engine cannot open the model
 */
export function evaluatorHere(
  model: ModelContent,
  { engine, ...options }: EvaluatorOptions,
  gate: Gate = (work) => work(),
): Promise<Evaluator> {
  const { device, threads } = options
  const open =
    (threads: number) =>
    (graph = model.bytes) =>
      sessionBehind(gate, () => openSession(graph, { ...options, threads }))
  // What a GPU leaves to the processor is worth all threads, and one session is memory enough.
  if (device !== 'cpu') return openEvaluator(engine, model, { device, openSession: open(threads) })
  const openWideSession = threads > 1 ? open(threads) : undefined
  return openEvaluator(engine, model, {
    device,
    openSession: open(1),
    openWideSession,
    openMachine: () => openMachine(threads),
  })
}

/** Native code where there is some for this machine, else WebAssembly. */
async function openMachine(threads: number): Promise<Machine> {
  const addon = loadAddon()
  if (typeof addon !== 'string') return nativeMachine(addon, threads)
  const { wasmMachine } = await import('../fused/wasm.ts')
  return wasmMachine()
}
