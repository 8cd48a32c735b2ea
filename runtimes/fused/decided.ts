// A frame jumps from one direction to another where the two are as good, and rounding in float32 would decide between them:
// differently for another order or cell of the same crystal. Crystals in which that may happen are run in float64
// (docs/decisions/010-ties.md).

import type { FusedDescription } from '../../models/fused.ts'
import type { FusedCrystal } from './crystal.ts'
import type { Machine } from './machine.ts'
import { type FusedNetwork, type FusedOutputs, fusedNetwork, type RunOptions } from './network.ts'

/**
 * Crystals of more atoms, one of each orbit, stay as they are: among so many one is nearly always in doubt, and counts for
 * little in the mean.
 */
const MOST_ATOMS = 512

/** As FusedNetwork.run: a promise where crystals are decided in float64. */
export type Run = (
  crystals: readonly FusedCrystal[],
  embedding: boolean,
  options?: RunOptions,
) => FusedOutputs[] | Promise<FusedOutputs[]>

/**
 * Runs of a network in float32, but for crystals that are likely to be in doubt, and those that turned out to be.
 * @param machine the network is on
 * @param networks what it was made of, with the other arguments of `fusedNetwork`
 */
export function decidedRuns(
  network: FusedNetwork,
  machine: Machine,
  networks: readonly FusedDescription[],
  elements: readonly number[],
  targets: number,
): Run {
  let precise: Promise<FusedNetwork> | undefined
  const inDouble = () => {
    // Where no more code may be compiled, rounding has the last word.
    precise ??= Promise.resolve(machine.inDouble!()).then(
      (machine) => fusedNetwork(machine, networks, elements, targets),
      () => network,
    )
    return precise
  }
  return (crystals, embedding, options) => {
    const run = (on: FusedNetwork, numbers: readonly number[], own: RunOptions | undefined): Part => {
      const some = numbers.map((c) => crystals[c])
      return { numbers, outputs: numbers.length > 0 ? on.run(some, embedding, own) : [] }
    }
    const small = (c: number) => crystals[c].atoms <= MOST_ATOMS
    const likely = (c: number) => small(c) && crystals[c].tied
    const all = [...crystals.keys()]
    const unlikely = all.filter((c) => !likely(c))
    const first = run(network, unlikely, options)
    const decided = [...all.filter(likely), ...doubtfulOf(first).filter(small)]
    if (decided.length === 0) return first.outputs
    // What is told once was told by the first run, where there was one.
    const again = unlikely.length === 0 ? options : { threads: options?.threads }
    return inDouble().then((other) => joined([first, run(other, decided, again)], crystals.length))
  }
}

/** What a run gave for some of the crystals. */
interface Part {
  readonly numbers: readonly number[]
  readonly outputs: FusedOutputs[]
}

/** Crystals of which any network is in doubt. */
function doubtfulOf({ numbers, outputs }: Part): number[] {
  return [...new Set(outputs.flatMap(({ doubtful }) => doubtful))].map((c) => numbers[c])
}

/** Outputs of all crystals; of one that is in several parts, those of the last. */
function joined(parts: readonly Part[], crystals: number): FusedOutputs[] {
  const given = parts.filter(({ numbers }) => numbers.length > 0)
  const gathered = (of: (part: Part) => Float32Array) => {
    const columns = of(given[0]).length / given[0].numbers.length
    const all = new Float32Array(crystals * columns)
    for (const part of given) {
      const rows = of(part)
      for (const [n, c] of part.numbers.entries()) {
        all.set(rows.subarray(n * columns, (n + 1) * columns), c * columns)
      }
    }
    return all
  }
  return given[0].outputs.map(({ embedding }, n) => ({
    prediction: gathered(({ outputs }) => outputs[n].prediction),
    ...(embedding && { embedding: gathered(({ outputs }) => outputs[n].embedding!) }),
    doubtful: [],
  }))
}
