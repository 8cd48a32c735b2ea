// The engines that compute a model, a row each. Everything that opens an evaluator, in Node or a browser, in a worker or
// not, comes through here.

import type { Evaluator, ModelContent } from './evaluator.ts'
import { graphEvaluator } from './graph-evaluator.ts'
import type { Device } from './runtime.ts'
import type { Session } from './session.ts'

/** What an engine finds where it is opened. */
export interface Place {
  readonly device: Device
  /** Opens the graph in this thread, with the onnxruntime that is here. */
  openSession(): Promise<Session>
  /** The same for runs on several cores, where there are some. */
  readonly openWideSession?: () => Promise<Session>
}

type OpenEngine = (model: ModelContent, place: Place) => Promise<Evaluator>

const ENGINES = {
  onnxruntime: async (model, { device, openSession, openWideSession }) =>
    graphEvaluator(model, device, await openSession(), openWideSession),
} as const satisfies Record<string, OpenEngine>

/** One of ENGINES. */
export type EngineName = keyof typeof ENGINES

/** @throws DeviceError or ModelFileError when the engine cannot open the model */
export function openEvaluator(engine: EngineName, model: ModelContent, place: Place): Promise<Evaluator> {
  return ENGINES[engine](model, place)
}
