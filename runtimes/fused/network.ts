// A network on a machine: its packed weights at the beginning of the memory, and runs of crystals in what follows. Nothing
// is allocated from run to run but where one needs more room than all before it.

import type { FusedDescription } from '../../models/fused.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { arena } from './arena.ts'
import { placeBatch } from './batch.ts'
import { type FusedCrystal, fusedCrystal } from './crystal.ts'
import { TOO_LITTLE_MEMORY } from './kernels.ts'
import type { Machine } from './machine.ts'

export interface FusedOutputs {
  /** [C, targets] */
  readonly prediction: Float32Array
  /** [C, d] */
  readonly embedding?: Float32Array
}

export interface FusedNetwork {
  /**
   * What a run needs of one crystal.
   * @param trusted no atoms lie in each other, which need not be looked for
   * @throws StructureError, ElementError, LimitError
   */
  prepare(crystal: Structure, trusted?: boolean): FusedCrystal
  /**
   * One forward pass. The arrays are copies.
   * @param began told when the images are made, for benchmarks
   * @throws DeviceError
   */
  run(crystals: readonly FusedCrystal[], embedding: boolean, began?: () => void): FusedOutputs
}

/**
 * @param elements atomic numbers by row of the embedding
 * @param targets columns of the output
 * @throws ModelFileError when the kernels refuse the network, DeviceError when there is too little memory
 */
export function fusedNetwork(
  machine: Machine,
  network: FusedDescription,
  elements: readonly number[],
  targets: number,
): FusedNetwork {
  const { kernels } = machine
  const { words, weights, width } = network
  const memory = arena(machine)
  const described = memory.placeInts(words)
  const packedSize = kernels.packed_size(described, words.length, weights.length)
  if (packedSize < 0) throw new ModelFileError('the network is larger than the fused engine takes')
  const packed = memory.take(packedSize)
  const start = memory.mark()
  const given = memory.placeFloats(weights)
  check(kernels.pack(described, words.length, given, weights.length, packed, packedSize))

  return {
    prepare(crystal, trusted = false) {
      memory.release(start)
      return fusedCrystal(machine, memory, crystal, network, elements, trusted)
    },
    run(crystals, embedding, began) {
      memory.release(start)
      const batch = placeBatch(machine, memory, crystals, network, {
        targets,
        embedding: embedding ? width : 0,
      })
      began?.()
      const workSize = check(kernels.work_size(packed, packedSize, batch.words))
      const work = memory.take(workSize)
      check(kernels.forward(packed, packedSize, batch.words, work, workSize))
      const rows = (at: number, columns: number) => memory.copy(at, crystals.length * columns)
      return {
        prediction: rows(batch.prediction, targets),
        ...(embedding && { embedding: rows(batch.embedding, width) }),
      }
    },
  }
}

/** @throws DeviceError for a result that says why there is none */
function check(result: number): number {
  if (result === TOO_LITTLE_MEMORY)
    throw new DeviceError('the fused engine has not enough memory for this run')
  if (result < 0) throw new DeviceError(`the fused engine refuses its own batch (${result})`)
  return result
}
