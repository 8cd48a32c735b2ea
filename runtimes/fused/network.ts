// A network on a machine, or several over the same images: their packed weights at the beginning of the memory, and runs of
// crystals in what follows. Nothing is allocated from run to run but where one needs more room than all before it.

import type { FusedDescription } from '../../models/fused.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { type Arena, arena } from './arena.ts'
import { placeBatch } from './batch.ts'
import { type FusedCrystal, fusedCrystal } from './crystal.ts'
import { TOO_LITTLE_MEMORY } from './kernels.ts'
import type { Machine } from './machine.ts'

/** What one network gives. */
export interface FusedOutputs {
  /** [C, targets] */
  readonly prediction: Float32Array
  /** [C, d] */
  readonly embedding?: Float32Array
  /** numbers of the crystals of which rounding may have decided which frame an atom has */
  readonly doubtful: readonly number[]
}

export interface RunOptions {
  /** Of the machine, which large cells are divided among where it has some; by default one. */
  readonly threads?: number
  /** Told when the images are made, for benchmarks. */
  readonly began?: () => void
}

export interface FusedNetwork {
  /**
   * What a run needs of one crystal.
   * @param trusted no atoms lie in each other, which need not be looked for
   * @throws StructureError, ElementError, LimitError
   */
  prepare(crystal: Structure, trusted?: boolean): FusedCrystal
  /**
   * One forward pass of every network, in their order. The arrays are copies, of the same bits on any number of threads.
   * @throws DeviceError
   */
  run(crystals: readonly FusedCrystal[], embedding: boolean, options?: RunOptions): FusedOutputs[]
}

/**
 * @param networks that look at the same images
 * @param elements atomic numbers by row of the embedding
 * @param targets columns of the output
 * @throws ModelFileError when the kernels refuse a network, DeviceError when there is too little memory
 */
export function fusedNetwork(
  machine: Machine,
  networks: readonly FusedDescription[],
  elements: readonly number[],
  targets: number,
): FusedNetwork {
  const { kernels } = machine
  const memory = arena(machine)
  const packed = networks.map((network) => pack(machine, memory, network))
  const start = memory.mark()
  const [{ geometry }] = networks
  const shared = {
    geometry,
    directions: networks.some(({ directions }) => directions),
    chooses: networks.some(({ chooses }) => chooses),
  }
  const widest = networks.reduce((most, { width }) => Math.max(most, width), 0)

  return {
    prepare(crystal, trusted = false) {
      memory.release(start)
      return fusedCrystal(machine, memory, crystal, shared, elements, trusted)
    },
    run(crystals, embedding, { threads = 1, began } = {}) {
      memory.release(start)
      const batch = placeBatch(machine, memory, crystals, shared, {
        targets,
        embedding: embedding ? widest : 0,
      })
      began?.()
      const rows = (at: number, columns: number) => memory.copy(at, crystals.length * columns)
      const isDoubtful = (c: number) => batch.doubt > 0 && memory.int(batch.doubt + c) !== 0
      const free = memory.mark()
      return packed.map(({ at, size }, n) => {
        memory.release(free)
        const workSize = check(kernels.work_size(at, size, batch.words, threads))
        const work = memory.take(workSize)
        check(kernels.forward(at, size, batch.words, work, workSize, threads))
        return {
          prediction: rows(batch.prediction, targets),
          ...(embedding && { embedding: rows(batch.embedding, networks[n].width) }),
          doubtful: [...crystals.keys()].filter(isDoubtful),
        }
      })
    },
  }
}

/** Where the packed weights of a network lie. */
interface Packed {
  readonly at: number
  readonly size: number
}

/** @throws ModelFileError, DeviceError */
function pack({ kernels }: Machine, memory: Arena, { words, weights }: FusedDescription): Packed {
  const described = memory.placeInts(words)
  const size = kernels.packed_size(described, words.length, weights.length)
  if (size < 0) throw new ModelFileError('the network is larger than the fused engine takes')
  const at = memory.take(size)
  const free = memory.mark()
  const given = memory.placeFloats(weights)
  check(kernels.pack(described, words.length, given, weights.length, at, size))
  memory.release(free)
  return { at, size }
}

/** @throws DeviceError for a result that says why there is none */
function check(result: number): number {
  if (result === TOO_LITTLE_MEMORY)
    throw new DeviceError('the fused engine has not enough memory for this run')
  if (result < 0) throw new DeviceError(`the fused engine refuses its own batch (${result})`)
  return result
}
