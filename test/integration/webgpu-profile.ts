// Runs of a model file on native WebGPU under onnxruntime's profiler: what they give, and which provider ran which node.

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { readModelFile } from '../../runtimes/model-file.ts'
import { sessionOptions } from '../../runtimes/node/session.ts'
import { OUTPUT } from '../../runtimes/runtime.ts'
import { feedsOf } from '../../runtimes/session.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'

/** A node of the graph as it ran: the provider, and the types of what it takes and gives. */
export interface ProfiledNode {
  readonly operator: string
  readonly provider: string
  readonly types: readonly string[]
}

/** The prediction of every structure alone, and all nodes that ran. */
export async function profiledRuns(
  bytes: Uint8Array,
  structures: readonly Structure[],
): Promise<{ values: number[]; nodes: ProfiledNode[] }> {
  const { card, inputs } = readModelFile(bytes)
  const prefix = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-profile-')), 'profile')
  const session = await ort.InferenceSession.create(bytes, {
    ...sessionOptions({ device: 'webgpu', threads: 1 }),
    enableProfiling: true,
    profileFilePrefix: prefix,
  })
  const values: number[] = []
  for (const crystal of structures) {
    const feeds = feedsOf(packBatch([prepareCrystal(crystal, card.geometry, card.elements)]), inputs)
    const tensors = Object.entries(feeds).map(([name, { data, dims }]) => [
      name,
      data instanceof Int32Array
        ? new ort.Tensor('int32', data, dims)
        : new ort.Tensor('float32', data, dims),
    ])
    const outputs = await session.run(Object.fromEntries(tensors))
    values.push(outputs[OUTPUT].data[0] as number)
  }
  session.endProfiling()
  await session.release()
  return { values, nodes: profiledNodes(prefix) }
}

interface Event {
  readonly cat: string
  readonly args?: {
    readonly op_name?: string
    readonly provider?: string
    readonly input_type_shape?: readonly Record<string, unknown>[]
    readonly output_type_shape?: readonly Record<string, unknown>[]
  }
}

function profiledNodes(prefix: string): ProfiledNode[] {
  const folder = dirname(prefix)
  const events = readdirSync(folder).flatMap(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Event[],
  )
  return events.flatMap(({ cat, args }) => {
    if (cat !== 'Node' || args?.provider === undefined) return []
    const tensors = [...(args.input_type_shape ?? []), ...(args.output_type_shape ?? [])]
    return [
      {
        operator: args.op_name ?? '?',
        provider: args.provider,
        types: tensors.flatMap((t) => Object.keys(t)),
      },
    ]
  })
}
