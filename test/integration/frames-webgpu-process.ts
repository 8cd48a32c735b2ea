// The process of frames-webgpu.test.ts: the Vulkan loader is found through an environment variable that is read when a
// process starts. Takes a JSON file, prints a line of JSON.

import { readFileSync } from 'node:fs'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { profiledRuns } from './webgpu-profile.ts'

export interface Task {
  /** paths of model files */
  readonly models: readonly string[]
  readonly structures: readonly Structure[]
}

/** One of every model. */
export type Answer = readonly Awaited<ReturnType<typeof profiledRuns>>[]

const task = JSON.parse(readFileSync(process.argv[2], 'utf8')) as Task
const structures = task.structures.map((s) => structure(s))
const answers: Awaited<ReturnType<typeof profiledRuns>>[] = []
for (const model of task.models) answers.push(await profiledRuns(readFileSync(model), structures))
console.log(JSON.stringify(answers satisfies Answer))
