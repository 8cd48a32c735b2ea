// The engines that compute a model, a row each. Everything in Node that opens an evaluator, in a worker or not, comes through
// here. In a browser they live in workers of different scripts, and web/load.ts chooses.

import { DeviceError } from '../src/errors.ts'
import { ENGINE_NAMES, type EngineChoice, type EngineName } from './engine-name.ts'
import type { Evaluator, ModelContent } from './evaluator.ts'
import type { Machine } from './fused/machine.ts'
import { graphEvaluator } from './graph-evaluator.ts'
import type { Device } from './runtime.ts'
import type { Session } from './session.ts'

/** What an engine finds where it is opened. */
export interface Place {
  readonly device: Device
  /** Opens the graph, or one that was cut from it, in this thread, with the onnxruntime that is here. */
  openSession(graph?: Uint8Array): Promise<Session>
  /** The same for runs on several cores, where there are some. */
  readonly openWideSession?: () => Promise<Session>
  /** What the kernels of the fused engine run on, on devices that they have code for. */
  readonly openMachine?: () => Machine | Promise<Machine>
}

type OpenEngine = (model: ModelContent, place: Place) => Promise<Evaluator>

const ENGINES: Readonly<Record<EngineName, OpenEngine>> = {
  async fused(model, place) {
    const { device, openMachine } = place
    if (!openMachine) throw new DeviceError(`the fused engine has no code for device ${device}`)
    // What a GPU does without need not be loaded.
    const { fusedEvaluator } = await import('./fused/evaluator.ts')
    return fusedEvaluator(model, device, openMachine, () => ENGINES.onnxruntime(model, place))
  },
  onnxruntime: async (model, { device, openSession, openWideSession }) =>
    graphEvaluator(model, device, await openSession(), { openPart: openSession, openWide: openWideSession }),
}

/**
 * The named engine, or the first that opens the model.
 * @throws DeviceError or ModelFileError when it cannot be opened
 */
export async function openEvaluator(
  choice: EngineChoice,
  model: ModelContent,
  place: Place,
): Promise<Evaluator> {
  if (choice !== 'auto') return ENGINES[choice](model, place)
  const engines = ENGINE_NAMES.filter((name) => name !== 'fused' || place.openMachine)
  for (const engine of engines.slice(0, -1)) {
    try {
      return await ENGINES[engine](model, place)
    } catch (error) {
      // The last engine has the last word: it runs every file.
      if (!(error instanceof DeviceError)) throw error
    }
  }
  return ENGINES[engines.at(-1)!](model, place)
}
