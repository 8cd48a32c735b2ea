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

/** Constants of more bytes are not copied: onnxruntime maps a file of them. */
export const LARGE = 2 ** 30

/**
 * @param above bytes of constants beside the file from which on they are in a file, not in memory
 * @throws ExportError when onnxruntime does not take the file
 */
export async function openFile(files: Files, inputs: readonly string[], above = LARGE): Promise<FileSession> {
  const { bytes, external } = files
  const ort = await onnxruntime()
  if (!ort) return evaluated(files, inputs)
  const large = (external?.length ?? 0) > above
  const stored = large ? await onDisk(files) : undefined
  let session: InferenceSession
  try {
    const options: InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
      // The threads of a shared machine must not spin. Weights in another order are weights twice.
      extra: {
        session: { intra_op: { allow_spinning: '0' }, ...(large && { disable_prepacking: '1' }) },
      },
    }
    session = stored
      ? await ort.InferenceSession.create(stored.path, options)
      : await ort.InferenceSession.create(bytes, {
          ...options,
          ...(external && { externalData: [{ path: external.location, data: joined(external.parts) }] }),
        })
  } catch (cause) {
    await stored?.remove()
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
    async release() {
      await session.release()
      await stored?.remove()
    },
  }
}

/** Both files in a folder of their own. */
async function onDisk({ bytes, external }: Files) {
  const { createWriteStream } = await ofNode<typeof import('node:fs')>('fs')
  const { mkdtemp, rm, writeFile } = await ofNode<typeof import('node:fs/promises')>('fs/promises')
  const { tmpdir } = await ofNode<typeof import('node:os')>('os')
  const { join } = await ofNode<typeof import('node:path')>('path')
  const { pipeline } = await ofNode<typeof import('node:stream/promises')>('stream/promises')
  const folder = await mkdtemp(join(tmpdir(), 'crystal-onnx-large-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'model.onnx')
  try {
    await writeFile(path, bytes)
    const { location, parts } = external!
    // A stream that is given a large array writes it in one call, which ends at 2 GiB.
    await pipeline(pieces(parts), createWriteStream(join(folder, location)))
  } catch (error) {
    await remove()
    throw error
  }
  return { path, remove }
}

/** A module of Node, by a name that bundlers for browsers do not follow. */
function ofNode<T>(name: string): Promise<T> {
  const full = ['node', name].join(':')
  return import(/* webpackIgnore: true */ /* @vite-ignore */ full)
}

const PIECE = 2 ** 24

function* pieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE) yield part.subarray(at, at + PIECE)
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
