// What every runtime is: a model that is open on a device, in one evaluator or in several that share the work. Choosing
// a device, gathering crystals and the card of a model are elsewhere (choose-device.ts, predict.ts, card.ts).

import type { Structure } from '../src/crystal/structure.ts'
import { DeviceError } from '../src/errors.ts'
import type { BatchTensor } from '../src/periodic/tensors.ts'
import type { Evaluator } from './evaluator.ts'

/**
 * Where a graph runs: an execution provider of onnxruntime-node (all but wasm) or onnxruntime-web (webgpu, wasm), or the
 * servers behind one of ours (src/server/upstream).
 */
export type Device = 'cpu' | 'cuda' | 'tensorrt' | 'webgpu' | 'dml' | 'coreml' | 'wasm' | 'upstream'

/** What a graph is given: a batch of crystals, or whatever tensors its inputs name. */
export interface GraphInputs {
  readonly tensors: Readonly<Record<string, BatchTensor | undefined>>
}

/** One output of a graph, row by row. */
export interface OutputTensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** Outputs by name. */
export type Outputs = Readonly<Record<string, OutputTensor>>

/** What is known of a runtime besides its model. */
export interface RuntimeFacts {
  /** Where the graph runs. */
  readonly device: Device
  /** Evaluations that can go on at a time: more of them only wait. */
  readonly parallel: number
}

/** Its `note` is what a report of the device should add, such as its threads. */
export interface Runtime extends RuntimeFacts, Omit<Evaluator, 'release'> {
  /** Finishes the calls under way and frees the device. Later calls are refused. */
  dispose(): Promise<void>
}

/** The output that every exported crystal model has: standardised targets put back into their units, [C, targets]. */
export const OUTPUT = 'prediction'

export function runtimeOf(evaluator: Evaluator, facts: RuntimeFacts): Runtime {
  let open = true
  function refuseDisposed(): void {
    if (!open) throw disposed(facts.device)
  }
  return {
    ...facts,
    engine: evaluator.engine,
    note: evaluator.note,
    async evaluate(crystals, outputs, options) {
      refuseDisposed()
      return evaluator.evaluate(crystals.map(unnamed), outputs, options)
    },
    async attention(crystal) {
      refuseDisposed()
      return evaluator.attention(unnamed(crystal))
    },
    async dispose() {
      if (!open) return
      open = false
      await evaluator.release()
    },
  }
}

export function disposed(device: Device): DeviceError {
  return new DeviceError(`the model on device ${device} was disposed; load it again`)
}

/** What is computed with. A name may be whatever the caller put there, also what no thread can be sent. */
function unnamed({ lattice, frac, species }: Structure): Structure {
  return { lattice, frac, species }
}
