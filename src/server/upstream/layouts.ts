// How a model of another server takes its crystals, told by the names of its inputs: the layouts of `export --to triton`
// (docs/export.md), and the inputs of a server of ours. Here crystals become the tensors of a question.

import type { Runs } from '../../../runtimes/evaluate-in-runs.ts'
import type { ModelContent } from '../../../runtimes/evaluator.ts'
import { GRAPH_LIMITS, prepare } from '../../../runtimes/prepare.ts'
import { feedsOf } from '../../../runtimes/session.ts'
import { crystalTensors } from '../../client/wire.ts'
import type { Structure } from '../../crystal/structure.ts'
import { packBatch } from '../../periodic/batch.ts'
import { refuseOverlap } from '../../periodic/closest.ts'
import { groupAlike, groupByAtoms } from '../../periodic/group.ts'
import { type CellCrystal, type PreparedCrystal, sitesOf, type TableCrystal } from '../../periodic/prepare.ts'
import { IMAGES_PER_SLOT, RAGGED_TENSORS, type RaggedName, raggedTensors } from '../../periodic/ragged.ts'
import type { BatchTensor } from '../../periodic/tensors.ts'
import type { GraphGeometry } from '../../periodic/types.ts'
import type { Tensor } from '../tensors.ts'
import type { Question } from './channel.ts'

export type Layout = 'cells' | 'crystals' | 'ragged' | 'tables'

/** A layout at work. */
export interface Sending<Prepared extends { readonly atoms: number }>
  extends Required<Pick<Runs<Prepared>, 'prepare' | 'group' | 'parallel'>> {
  /** What is sent of the crystals of a run. */
  question(crystals: readonly Prepared[]): Pick<Question, 'inputs' | 'parameters'>
}

/** Runs on their way at a time, of one call: servers have several instances, or join the crystals of many requests. */
const PARALLEL = { batches: 4, crystals: 32 }

type Model = Pick<ModelContent, 'card' | 'inputs'>

/** Undefined for inputs that nothing here makes of the crystals of this model. */
export function layoutOf(inputs: readonly string[], { card, inputs: own }: Model): Layout | undefined {
  const { geometry } = card
  const are = (...names: string[]) => [...inputs].sort().join() === names.sort().join()
  if (are('structure', 'atoms', 'numbers', 'frac', 'lattice')) return 'crystals'
  if (are('numbers', 'frac', 'lattice') && geometry.images?.kind === 'sphere') return 'cells'
  if (inputs.every((name) => own.includes(name))) return 'tables'
  const flat = inputs.every((name) => Object.hasOwn(RAGGED_TENSORS, name))
  return flat && geometry.images && !geometry.in_graph ? 'ragged' : undefined
}

/** @param inputs of the model of the other server */
export function sendingOf(layout: Layout, { card }: Model, inputs: readonly string[]) {
  return SENDING[layout](card, inputs) as Sending<{ readonly atoms: number }>
}

const SENDING = {
  tables: (card, inputs): Sending<PreparedCrystal> => ({
    prepare: (crystal, trusted) => prepare(card, crystal, { oneOfEachOrbit: true, trusted }),
    group: (crystals, maxAtoms) => groupAlike(crystals, Math.min(maxAtoms, GRAPH_LIMITS.atoms)),
    parallel: PARALLEL.batches,
    question: (crystals) => ({
      inputs: Object.entries(feedsOf(packBatch(crystals), inputs)).map(([name, tensor]) =>
        tensorOf(name, tensor),
      ),
      parameters: {},
    }),
  }),
  ragged: (card, inputs): Sending<TableCrystal> => ({
    prepare: (crystal, trusted) => prepare(card, crystal, { oneOfEachOrbit: true, trusted }) as TableCrystal,
    group: alone,
    parallel: PARALLEL.crystals,
    question([crystal]) {
      const flat = raggedTensors(crystal, IMAGES_PER_SLOT)
      return { inputs: inputs.map((name) => tensorOf(name, flat[name as RaggedName]!, [1])), parameters: {} }
    },
  }),
  cells({ elements, geometry }): Sending<CellCrystal> {
    const inGraph = { images: geometry.images, in_graph: true } as GraphGeometry
    return {
      prepare: (crystal, trusted) => prepare({ elements, geometry: inGraph }, crystal, { trusted }),
      group: alone,
      parallel: PARALLEL.crystals,
      question([{ atoms, species, cell }]) {
        const tensors: Record<string, BatchTensor> = {
          numbers: { data: Int32Array.from(species, (row) => elements[row]), dims: [atoms] },
          frac: { data: Float32Array.from(cell.frac), dims: [atoms, 3] },
          lattice: { data: Float32Array.from(cell.lattice.flat()), dims: [3, 3] },
        }
        return {
          inputs: Object.entries(tensors).map(([name, tensor]) => tensorOf(name, tensor, [1])),
          parameters: {},
        }
      },
    }
  },
  crystals: ({ elements }): Sending<{ readonly atoms: number; readonly crystal: Structure }> => ({
    prepare(crystal, trusted) {
      const { atoms } = sitesOf(crystal, elements)
      if (!trusted) refuseOverlap(crystal)
      return { atoms, crystal }
    },
    group: (crystals, maxAtoms) =>
      groupByAtoms(
        crystals.map(({ atoms }) => atoms),
        maxAtoms,
      ),
    parallel: PARALLEL.batches,
    // One that has no answer has no number in its row then, and the others have theirs.
    question: (crystals) => ({
      inputs: crystalTensors(crystals.map(({ crystal }) => crystal)),
      parameters: { partial: true },
    }),
  }),
} satisfies Record<Layout, (card: Model['card'], inputs: readonly string[]) => unknown>

/** One crystal a request: the server joins them. */
function alone(crystals: readonly unknown[]): number[][] {
  return crystals.map((_, n) => [n])
}

/** @param leading sizes before its own: Triton counts requests by the first */
function tensorOf(name: string, { data, dims }: BatchTensor, leading: readonly number[] = []): Tensor {
  return { name, datatype: data instanceof Int32Array ? 'INT32' : 'FP32', shape: [...leading, ...dims], data }
}
