// The files for schedulers: they parse, their shards are all of 1/n … n/n, and every option in them is one of `screen`. The
// commands run in bash with a stand-in that only says what it was given.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { screenCommand } from '../../src/cli/screen.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (name: string) => readFileSync(join(root, 'examples/cluster', name), 'utf8')

/** What `crystal-onnx` is given by a script, and how the script ends. */
function given(script: string, env: Record<string, string>, code = 0): { args: string[]; code: number } {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-cluster-'))
  const said = join(folder, 'args')
  const program = join(folder, 'crystal-onnx')
  writeFileSync(program, `#!/bin/bash\nprintf '%s\\n' "$@" > ${said}\nexit ${code}\n`, { mode: 0o755 })
  let ended = 0
  try {
    execFileSync('bash', ['-c', script.replaceAll('cd /data', `cd ${folder}`)], {
      env: { PATH: `${folder}:${process.env.PATH}`, SLURM_SUBMIT_DIR: folder, ...env },
    })
  } catch (error) {
    ended = (error as { status: number }).status
  }
  return { args: readFileSync(said, 'utf8').trim().split('\n'), code: ended }
}

const SLURM = read('slurm.sh')
const KUBERNETES = parse(read('kubernetes-job.yaml'))
const BATCH = JSON.parse(read('aws-batch.json'))
const [container] = KUBERNETES.spec.template.spec.containers
const { containerProperties } = BATCH.jobDefinition

const FILES = [
  {
    name: 'slurm.sh',
    script: SLURM,
    count: Number(/--array=1-(\d+)/.exec(SLURM)![1]),
    env: (index: number, count: number) => ({
      SLURM_ARRAY_TASK_ID: String(index + 1),
      SLURM_ARRAY_TASK_COUNT: String(count),
      SLURM_CPUS_PER_TASK: '16',
    }),
  },
  {
    name: 'kubernetes-job.yaml',
    script: container.args[0],
    count: KUBERNETES.spec.completions,
    env: (index: number) => ({ JOB_COMPLETION_INDEX: String(index), SHARDS: container.env[0].value }),
  },
  {
    name: 'aws-batch.json',
    script: containerProperties.command[2],
    count: BATCH.job.arrayProperties.size,
    env: (index: number) => ({
      AWS_BATCH_JOB_ARRAY_INDEX: String(index),
      SHARDS: containerProperties.environment[0].value,
    }),
  },
]

describe.each(FILES)('$name', ({ script, count, env }) => {
  it('gives every index its shard, and options that screen has', () => {
    const options = new Set(screenCommand().options.flatMap(({ long, short }) => [long, short]))
    for (const index of [0, 1, count - 1]) {
      const { args, code } = given(script, env(index, count))
      expect(code).toBe(0)
      expect(args[0]).toBe('screen')
      expect(args[args.indexOf('--shard') + 1]).toBe(`${index + 1}/${count}`)
      for (const arg of args.filter((arg) => arg.startsWith('-'))) expect(options).toContain(arg)
    }
  })

  it('takes failed crystals for a success, and nothing else', () => {
    expect(given(script, env(0, count), 3).code).toBe(0)
    expect(given(script, env(0, count), 1).code).not.toBe(0)
  })
})

it('as many pods as indices, each of which is retried', () => {
  expect(KUBERNETES.spec).toMatchObject({
    completionMode: 'Indexed',
    parallelism: KUBERNETES.spec.completions,
  })
  expect(KUBERNETES.spec.template.spec.restartPolicy).toBe('Never')
  expect(container.command).toEqual(['bash', '-c'])
  expect(BATCH.job.jobDefinition).toBe(BATCH.jobDefinition.jobDefinitionName)
})
