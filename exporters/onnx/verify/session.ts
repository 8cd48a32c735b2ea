// The exported file as it runs: in onnxruntime on the CPU, or, where that is not installed, by the float64 evaluator.

import type { InferenceSession, TypedTensor } from 'onnxruntime-common'
import { withoutTelemetry } from '../../../runtimes/node/telemetry.ts'
import { ExportError } from '../../../src/errors.ts'
import { joined } from '../../../src/math/joined.ts'
import type { ExternalData } from '../options.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import type { Output } from './compare.ts'
import type { Given } from './original.ts'

export interface FileSession {
  /** What runs it. */
  readonly runtime: 'onnxruntime' | 'float64'
  /** The outputs by name; inputs that the file does not have are left out. */
  run(inputs: ReadonlyMap<string, Given>): Promise<ReadonlyMap<string, Output>>
  release(): Promise<void>
}

/** An .onnx file and the one beside it. */
interface Files {
  readonly bytes: Uint8Array
  readonly external?: ExternalData
}

/** @throws ExportError when onnxruntime does not take the file */
export async function openFile(files: Files, inputs: readonly string[]): Promise<FileSession> {
  const { bytes, external } = files
  const ort = await onnxruntime()
  if (!ort) return evaluated(files, inputs)
  let session: InferenceSession
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
      ...(external && { externalData: [{ path: external.location, data: joined(external.parts) }] }),
      // The threads of a shared machine must not spin.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (cause) {
    throw new ExportError(
      `onnxruntime does not open what was exported: ${(cause as Error).message}. This is a fault of the exporter; please ` +
        'report it with the function',
      { cause },
    )
  }
  return {
    runtime: 'onnxruntime',
    async run(given) {
      const feeds = inputs.map((name) => {
        const { dtype, data, dims } = given.get(name)!
        return [name, new ort.Tensor(dtype, data as Float32Array, [...dims])] as const
      })
      const results = await session.run(Object.fromEntries(feeds))
      return new Map(
        Object.entries(results).map(([name, tensor]) => {
          const { type, dims, data } = tensor as TypedTensor<'float32'>
          return [name, { dtype: type, dims, data }]
        }),
      )
    },
    release: () => session.release(),
  }
}

async function onnxruntime() {
  if (typeof process === 'undefined' || !process.versions?.node) return undefined
  withoutTelemetry(process.env)
  // By a name that bundlers for browsers do not follow.
  const name = ['onnxruntime', 'node'].join('-')
  return (
    import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<typeof import('onnxruntime-node')>
  ).catch(() => undefined)
}

function evaluated({ bytes, external }: Files, inputs: readonly string[]): FileSession {
  const beside = external && { [external.location]: joined(external.parts) }
  return {
    runtime: 'float64',
    async run(given) {
      const feeds = Object.fromEntries(inputs.map((name) => [name, given.get(name)!]))
      const outputs = evaluateGraph(bytes, feeds, beside)
      return new Map(
        [...outputs].map(([name, { type, dims, data }]) => {
          const dtype = type === 'float64' ? 'float32' : type
          return [name, { dtype, dims, data: data as ArrayLike<unknown> as ArrayLike<number> }]
        }),
      )
    },
    release: async () => {},
  }
}
