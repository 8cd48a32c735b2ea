// The fused engine as an evaluator: the network of a model file on a machine, with neighbour tables without slots or
// padding. What it does not give, the weight of every image, comes from the graph, opened when somebody asks.

import type { FusedDescription } from '../../models/fused.ts'
import { FUSED_FORWARDS, NETWORKS } from '../../models/networks.ts'
import { DeviceError } from '../../src/errors.ts'
import { restored } from '../../src/math/transform.ts'
import { groupByAtoms } from '../../src/periodic/group.ts'
import { attentionBeside } from '../attention-beside.ts'
import type { CardTarget } from '../card.ts'
import { evaluateInRuns } from '../evaluate-in-runs.ts'
import type { Evaluator, ModelContent } from '../evaluator.ts'
import { EMBEDDING, MEMBERS } from '../outputs.ts'
import { withinLimits } from '../prepare.ts'
import { type Device, OUTPUT, type Outputs } from '../runtime.ts'
import { storedWeights } from '../stored-weights.ts'
import { decidedRuns } from './decided.ts'
import type { Machine } from './machine.ts'
import { type FusedOutputs, fusedNetwork } from './network.ts'

/** Atoms of a run: what is computed of them stays in the processor's cache. */
const RUN_ATOMS = 100
/** Of one cell at most: tables and runs take about 60 bytes an image and 6 kB an atom. */
const LIMITS = { atoms: 50_000, images: 2 ** 24 }

/** Loads the forwards of all networks, for whoever waits for a model. */
export async function loadForwards(): Promise<void> {
  await Promise.all(Object.values(FUSED_FORWARDS).map((load) => load?.()))
}

/**
 * @param openGraph the model on onnxruntime, for what the kernels do not give
 * @throws DeviceError for a network that the kernels do not compute, ModelFileError for a file that does not fit its card
 */
export async function fusedEvaluator(
  model: ModelContent,
  device: Device,
  openMachine: () => Machine | Promise<Machine>,
  openGraph: () => Promise<Evaluator>,
): Promise<Evaluator> {
  const { card } = model
  const description = await describe(model)
  const machine = await openMachine()
  const network = fusedNetwork(machine, description, card.elements, card.targets.length)
  const runOf = decidedRuns(network, machine, description, card.elements, card.targets.length)
  return {
    engine: 'fused',
    note: `fused engine, ${machine.name}`,
    evaluate: evaluateInRuns({
      device,
      maxAtoms: RUN_ATOMS,
      prepare: (crystal, trusted) => withinLimits(network.prepare(crystal, trusted), LIMITS),
      group: (crystals, maxAtoms) =>
        groupByAtoms(
          crystals.map(({ atoms }) => atoms),
          maxAtoms,
        ),
      run(crystals, outputs, crowded) {
        const options = { threads: crowded ? 1 : machine.threads }
        const each = runOf(crystals, outputs.includes(EMBEDDING), options)
        const named = (all: readonly FusedOutputs[]) => outputsOf(all, outputs, crystals.length)
        return each instanceof Promise ? each.then(named) : named(each)
      },
    }),
    ...attentionBeside(card, openGraph),
  }

  function outputsOf(each: readonly FusedOutputs[], outputs: readonly string[], length: number): Outputs {
    const learned = each.map(({ prediction }) => unscaled(prediction, card.targets))
    const rows = (data: Float32Array) => ({ data, dims: [length, data.length / length] })
    const given: Readonly<Record<string, () => Float32Array>> = {
      [OUTPUT]: () => inUnits(meanOf(learned), card.targets),
      [MEMBERS]: () => inUnits(sideBySide(learned, length), card.targets),
      [EMBEDDING]: () =>
        sideBySide(
          each.map(({ embedding }) => embedding!),
          length,
        ),
    }
    return Object.fromEntries(outputs.map((name) => [name, rows(given[name]())]))
  }
}

/** @throws DeviceError for a network that the kernels do not compute */
async function describe({ card, bytes }: ModelContent): Promise<readonly FusedDescription[]> {
  const { architecture } = card
  const title = NETWORKS.find(({ name }) => name === architecture)?.title ?? architecture
  const forward = Object.hasOwn(FUSED_FORWARDS, architecture) ? FUSED_FORWARDS[architecture] : undefined
  if (!forward) throw new DeviceError(`the fused engine does not compute a ${title}`)
  const { describe } = await forward()
  const description = describe({ ...card.config, architecture }, card.geometry, storedWeights(bytes))
  if (typeof description !== 'string') return description
  throw new DeviceError(`the fused engine does not compute this ${title}: ${description}`)
}

/** Values of which `learned` [.., targets] were learned. */
function inUnits(learned: Float32Array, targets: readonly CardTarget[]): Float32Array {
  return learned.map((of, n) => restored(of, targets[n % targets.length]))
}

/** Standardised outputs [C, targets] as what was learned of the targets. */
function unscaled(values: Float32Array, targets: readonly CardTarget[]): Float32Array {
  return values.map((value, n) => {
    const { mean, std } = targets[n % targets.length]
    return value * std + mean
  })
}

/** The mean of what several networks give. */
function meanOf(values: readonly Float32Array[]): Float32Array {
  const [first] = values
  return first.map((_, n) => values.reduce((sum, one) => sum + one[n], 0) / values.length)
}

/** Rows of several networks, each [rows, columns of its own], beside each other. */
function sideBySide(parts: readonly Float32Array[], rows: number): Float32Array {
  if (parts.length === 1) return parts[0]
  const columns = parts.map(({ length }) => length / rows)
  const width = columns.reduce((sum, count) => sum + count, 0)
  const joined = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    let at = row * width
    for (const [n, part] of parts.entries()) {
      joined.set(part.subarray(row * columns[n], (row + 1) * columns[n]), at)
      at += columns[n]
    }
  }
  return joined
}
