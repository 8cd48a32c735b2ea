// A frame jumps from one direction to another where the two are as good, and rounding in float32 would decide between them:
// differently for another order or cell of the same crystal. Crystals in which that may have happened are run again, in
// float64 (docs/decisions/010-ties.md).

import type { FusedDescription } from '../../models/fused.ts'
import type { FusedCrystal } from './crystal.ts'
import { type FusedNetwork, type FusedOutputs, fusedNetwork, type RunOptions } from './network.ts'
import { wasmInDouble } from './wasm.ts'

/**
 * Crystals of more atoms, one of each orbit, stay as they are: among so many one is often in doubt, counts for little in
 * the mean, and a run in float64 takes five times as long.
 */
const MOST_ATOMS = 24

/** As FusedNetwork.run: a promise where crystals are in doubt. */
export type Run = (
  crystals: readonly FusedCrystal[],
  embedding: boolean,
  options?: RunOptions,
) => FusedOutputs[] | Promise<FusedOutputs[]>

/**
 * Runs of a network in float32, with crystals that are in doubt decided.
 * @param networks what it was made of, with the other arguments of `fusedNetwork`
 */
export function decidedRuns(
  network: FusedNetwork,
  networks: readonly FusedDescription[],
  elements: readonly number[],
  targets: number,
): Run {
  let precise: Promise<FusedNetwork | undefined> | undefined
  return (crystals, embedding, options) => {
    const outputs = network.run(crystals, embedding, options)
    const doubtful = doubtfulOf(outputs, crystals)
    if (doubtful.length === 0) return outputs
    // Where no more code may be compiled, rounding has the last word.
    precise ??= wasmInDouble().then(
      (machine) => fusedNetwork(machine, networks, elements, targets),
      () => undefined,
    )
    return precise.then((other) => {
      if (other) decide(outputs, crystals, doubtful, other)
      return outputs
    })
  }
}

/** Crystals of a run of which any network is in doubt, by their numbers. */
function doubtfulOf(outputs: readonly FusedOutputs[], crystals: readonly FusedCrystal[]): number[] {
  const doubtful = new Set(outputs.flatMap((one) => one.doubtful))
  return [...doubtful].filter((c) => crystals[c].atoms <= MOST_ATOMS)
}

/** Writes the rows of some crystals anew. */
function decide(
  outputs: readonly FusedOutputs[],
  crystals: readonly FusedCrystal[],
  doubtful: readonly number[],
  precise: FusedNetwork,
): void {
  for (const c of doubtful) {
    const again = precise.run([crystals[c]], outputs[0].embedding !== undefined)
    for (const [n, { prediction, embedding }] of outputs.entries()) {
      prediction.set(again[n].prediction, c * again[n].prediction.length)
      const own = again[n].embedding
      if (own) embedding?.set(own, c * own.length)
    }
  }
}
