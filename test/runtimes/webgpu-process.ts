// The process of webgpu.test.ts: the Vulkan loader is found through an environment variable that is read when a process
// starts. Takes a JSON file, prints a line of JSON.

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { readModelFile } from '../../runtimes/model-file.ts'
import { load } from '../../runtimes/node/load.ts'
import { sessionOptions } from '../../runtimes/node/session.ts'
import { feedsOf } from '../../runtimes/session.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { packBatch, prepareCrystal } from '../../src/periodic/index.ts'

export interface Task {
  readonly model: string
  /** the same with golden samples that are wrong */
  readonly tampered: string
  readonly structures: readonly Structure[]
}

export interface Answer {
  readonly values: readonly number[]
  /** What the model says of its device, with cuda before webgpu. */
  readonly report: string
  readonly warnings: readonly string[]
  readonly refusal: string
  readonly nodes: readonly ProfiledNode[]
}

/** A node of the graph as it ran: the provider, and the types of what it takes and gives. */
export interface ProfiledNode {
  readonly operator: string
  readonly provider: string
  readonly types: readonly string[]
}

const task = JSON.parse(readFileSync(process.argv[2], 'utf8')) as Task
const structures = task.structures.map((s) => structure(s))

const warnings: string[] = []
const model = await load(task.model, {
  device: ['cuda', 'webgpu'],
  onWarning: (message) => warnings.push(message),
})
const values: number[] = []
for (const s of structures) values.push((await model.predict(s)).value)
await model.dispose()

const refusal = await load(task.tampered, { device: ['webgpu', 'cpu'] }).then(
  () => 'none',
  (error: Error) => error.message,
)
const answer: Answer = { values, report: model.deviceReport, warnings, refusal, nodes: await profile() }
console.log(JSON.stringify(answer))

/** One run on WebGPU with onnxruntime's profiler. */
async function profile(): Promise<ProfiledNode[]> {
  const bytes = readFileSync(task.model)
  const { card, inputs } = readModelFile(bytes)
  const prefix = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-profile-')), 'profile')
  const session = await ort.InferenceSession.create(bytes, {
    ...sessionOptions({ device: 'webgpu', threads: 1 }),
    enableProfiling: true,
    profileFilePrefix: prefix,
  })
  const feeds = feedsOf(packBatch([prepareCrystal(structures[0], card.geometry, card.elements)]), inputs)
  const tensors = Object.entries(feeds).map(([name, { data, dims }]) => [
    name,
    data instanceof Int32Array ? new ort.Tensor('int32', data, dims) : new ort.Tensor('float32', data, dims),
  ])
  await session.run(Object.fromEntries(tensors))
  session.endProfiling()
  await session.release()
  return profiledNodes(prefix)
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
