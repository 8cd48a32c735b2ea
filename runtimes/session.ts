// One open graph of onnxruntime, whichever build of it: tensors in, tensors out. How a session is opened differs between
// Node and browsers (node/session.ts, web/host.ts), what is done with it does not.

import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common'
import { DeviceError, ModelFileError } from '../src/errors.ts'
import { tensorsOf } from './realm.ts'
import { type Device, type GraphInputs, OUTPUT, type Outputs, type OutputTensor } from './runtime.ts'

/** Tensors by input name. */
export type Feeds = Readonly<Record<string, { data: Float32Array | Int32Array; dims: readonly number[] }>>

export interface Session {
  /** One forward pass: the named outputs, by default only the prediction. @throws DeviceError when the device fails */
  run(feeds: Feeds, outputs?: readonly string[]): Promise<Outputs>
  release(): Promise<void>
}

/** A session of onnxruntime, with the tensor class of the same build. */
export function sessionOf(session: InferenceSession, Tensor: TensorConstructor, device: Device): Session {
  const tensorOf = tensorsOf(Tensor)
  return {
    async run(feeds, outputs = [OUTPUT]) {
      const inputs: Record<string, Tensor> = {}
      for (const name of session.inputNames) {
        const tensor = feeds[name]
        if (tensor === undefined) {
          throw new ModelFileError(
            `the graph wants the input "${name}", which the geometry of its card does not make; export the model again`,
          )
        }
        inputs[name] = tensorOf(tensor.data, tensor.dims)
      }
      try {
        const results = await session.run(inputs, [...outputs])
        const tensor = (name: string): OutputTensor => {
          const { data, dims } = results[name]
          return { data: data as Float32Array, dims }
        }
        return Object.fromEntries(outputs.map((name) => [name, tensor(name)]))
      } catch (cause) {
        const { message } = cause as Error
        if (/bad_alloc|out of memory/i.test(message)) {
          throw new DeviceError(
            `device ${device} has not enough memory for this run (${message}); predict smaller cells, or fewer at a time ` +
              '(maxAtoms), or elsewhere',
            { cause },
          )
        }
        throw new DeviceError(`device ${device} failed: ${message}`, { cause })
      }
    },
    release: () => session.release(),
  }
}

/** What lets work in: one piece after another, for instance. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** A session that `open` opens, every call of which goes through a gate. */
export async function sessionBehind(gate: Gate, open: () => Promise<Session>): Promise<Session> {
  const session = await gate(open)
  return {
    run: (feeds, outputs) => gate(() => session.run(feeds, outputs)),
    release: () => gate(() => session.release()),
  }
}

/** The tensors of a batch that a graph takes. */
export function feedsOf({ tensors }: GraphInputs, inputs: readonly string[]): Feeds {
  return Object.fromEntries(
    inputs.flatMap((name) => {
      const tensor = tensors[name]
      return tensor ? [[name, tensor] as const] : []
    }),
  )
}
