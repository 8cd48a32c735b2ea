// The process of webgpu.test.ts: the Vulkan loader is found through an environment variable that is read when a process
// starts. Takes a JSON file, prints a line of JSON.

import { readFileSync } from 'node:fs'
import { load } from '../../runtimes/node/load.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { type ProfiledNode, profiledRuns } from './webgpu-profile.ts'

export interface Task {
  readonly models: readonly { readonly file: string; readonly structures: readonly Structure[] }[]
  /** a model with golden samples that are wrong */
  readonly tampered: string
}

export interface Answer {
  /** by model and structure */
  readonly values: readonly number[][]
  /** What a model says of its device, with cuda before webgpu. */
  readonly report: string
  readonly warnings: readonly string[]
  readonly refusal: string
  readonly nodes: readonly ProfiledNode[]
}

const task = JSON.parse(readFileSync(process.argv[2], 'utf8')) as Task

const warnings: string[] = []
let report = ''
const values: number[][] = []
for (const { file, structures } of task.models) {
  const onWarning = (message: string) => warnings.push(message)
  const model = await load(file, { device: ['cuda', 'webgpu'], onWarning })
  report = model.deviceReport
  const predicted: number[] = []
  for (const s of structures) predicted.push((await model.predict(structure(s))).value)
  values.push(predicted)
  await model.dispose()
}

const refusal = await load(task.tampered, { device: ['webgpu', 'cpu'] }).then(
  () => 'none',
  (error: Error) => error.message,
)
const [{ file, structures }] = task.models
const { nodes } = await profiledRuns(readFileSync(file), [structure(structures[0])])
const answer: Answer = { values, report, warnings, refusal, nodes }
console.log(JSON.stringify(answer))
