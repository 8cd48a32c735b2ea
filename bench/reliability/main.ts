// `npm run reliability [-- --count 200 --seed 1 --only screen]`: commands that write are killed, cut off from their reader, or given a
// full or read-only disk, at random moments. Nothing may be lost, half written or left behind, and no run may end as
// another one. With --only readers, damaged structure files instead of commands. docs/reliability.md has the figures. Exit
// code 1 when anything was wrong.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { positiveInteger, wholeNumber } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { FAULTS } from './faults.ts'
import { jobsIn, type Reference, referenceOf } from './jobs.ts'
import { trainMany } from './many.ts'
import { build, CLI, FOLDER } from './process.ts'
import { screenByRay } from './ray.ts'
import { tryReaders } from './readers.ts'
import { streamCrystals } from './stream.ts'
import { type Trial, tryOut } from './trial.ts'

interface Options {
  count?: number
  seed: number
  only?: string
  json?: boolean
}

const TRIALS = 200
const INPUTS = 500_000

async function readers({ count = INPUTS, seed, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  const { faults, ...result } = await tryReaders({ count, seed }, (message) => output.note(`… ${message}`))
  for (const what of faults) output.note(what)
  output.line({ ...result, faults })
  const [first, last] = [result.heap[0], result.heap.at(-1)!].map((bytes) => (bytes / 2 ** 20).toFixed(1))
  output.text(
    `${result.inputs} inputs: ${result.structures} structures, ${result.errors} errors, ${faults.length} faults; at most ` +
      `${result.longest_ms.toFixed(0)} ms; heap ${first} MB after a tenth, ${last} MB at the end`,
  )
  process.exitCode = faults.length > 0 ? 1 : 0
}

/** Builds the command line for some work, and leaves nothing behind. */
async function withBuild(work: () => Promise<void>): Promise<void> {
  try {
    build()
    await work()
  } finally {
    rmSync(FOLDER, { recursive: true, force: true })
  }
}

const CRYSTALS = 200_000
const MODEL = fileURLToPath(new URL('../../models/pretrained/formation-energy-small.onnx', import.meta.url))

async function stream({ count = CRYSTALS, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  await withBuild(async () => {
    const result = await streamCrystals({ cli: CLI, count, model: MODEL }, (message) =>
      output.note(`… ${message}`),
    )
    for (const what of result.faults) output.note(what)
    output.line(result)
    const shown = result.megabytes.map((mb) => mb.toFixed(0)).join(' ')
    output.text(
      `${result.crystals} crystals in ${result.seconds.toFixed(0)} s, ${result.faults.length} faults; resident MB at every tenth: ${shown}`,
    )
    process.exitCode = result.faults.length > 0 ? 1 : 0
  })
}

const KILLS = 10

async function many({ count = KILLS, seed, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  await withBuild(async () => {
    const where = { cli: CLI, folder: join(FOLDER, 'many'), kills: count, seed }
    const result = await trainMany(where, (message) => output.note(`… ${message}`))
    for (const what of result.faults) output.note(what)
    output.line(result)
    output.text(
      `training on ${result.crystals} crystals, killed ${result.kills} times: ${result.faults.length} faults; undisturbed it took ` +
        `${result.seconds.toFixed(0)} s and ${result.megabytes} MB`,
    )
    process.exitCode = result.faults.length > 0 ? 1 : 0
  })
}

const RAY_KILLS = 30

async function ray({ count = RAY_KILLS, seed, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  await withBuild(async () => {
    const where = { cli: CLI, folder: join(FOLDER, 'ray'), kills: count, seed }
    const { kills, screenings, faults } = await screenByRay(where, (message) => output.note(`… ${message}`))
    for (const what of faults) output.note(what)
    output.line({ kills, screenings, faults })
    output.text(
      `Ray: ${kills.node} Node processes, ${kills.actor} actors and ${kills.driver} drivers killed; ${screenings} screenings ` +
        `came to their end, ${faults.length} faults`,
    )
    process.exitCode = faults.length > 0 ? 1 : 0
  })
}

async function reliability(options: Options): Promise<void> {
  const { count = TRIALS, seed, only = '', json } = options
  if (only === 'readers') return readers(options)
  if (only === 'stream') return stream(options)
  if (only === 'many') return many(options)
  if (only === 'ray') return ray(options)
  const output = new Output(json ?? false)
  await withBuild(async () => {
    const references: Reference[] = []
    const jobs = (await jobsIn(join(FOLDER, 'inputs'))).filter(({ name }) => name.startsWith(only))
    for (const job of jobs) {
      references.push(await referenceOf(job, join(FOLDER, 'reference', job.name)))
    }
    for (const { name, absent } of FAULTS) if (absent) output.note(`${name} is left out: ${absent}`)
    const faults = FAULTS.filter(({ absent }) => absent === undefined)
    const trials: Trial[] = []
    for (let n = 0; n < count; n++) {
      const draw = random(seed, n)
      const fault = faults[n % faults.length]
      const reference = draw.pick(references.filter(({ job }) => fault.suits(job)))
      const trial = await tryOut(reference, fault, join(FOLDER, 'place'), draw)
      trials.push(trial)
      output.line({ trial: n, ...trial })
      for (const what of trial.faults) output.note(`trial ${n}, ${trial.job}, ${trial.fault}: ${what}`)
    }
    for (const by of ['job', 'fault'] as const) table(output, by, trials)
    process.exitCode = trials.some((trial) => trial.faults.length > 0) ? 1 : 0
  })
}

function table(output: Output, by: 'job' | 'fault', trials: readonly Trial[]): void {
  const rows = [...new Set(trials.map((trial) => trial[by]))].map((name) => {
    const own = trials.filter((trial) => trial[by] === name)
    const number = (is: (trial: Trial) => boolean) => own.filter(is).length
    return [
      name,
      own.length,
      number(({ wasDone }) => wasDone),
      ...(['new', 'older', 'none', 'part'] as const).map((what) => number((trial) => trial.output === what)),
      number(({ faults }) => faults.length > 0),
    ]
  })
  const head = ['', 'trials', 'ended before', 'new', 'older', 'none', 'part', 'wrong']
  output.table([by === 'job' ? 'command' : 'fault', ...head.slice(1)], rows)
}

await new Command('reliability')
  .option(
    '--count <n>',
    `trials (${TRIALS}), inputs of readers (${INPUTS}), crystals of the stream (${CRYSTALS}), or kills of many (${KILLS}) and ray (${RAY_KILLS})`,
    positiveInteger,
  )
  .option('--seed <n>', 'the same seed draws the same trials', wholeNumber, 1)
  .option(
    '--only <command>',
    'trials of the commands that begin so; readers: damaged structure files; stream: crystals through standard input; many: a training on 100,000 crystals in little memory; ray: the driver of examples/ray',
  )
  .option('--json', 'a JSON line for each trial')
  .action(reliability)
  .parseAsync()
