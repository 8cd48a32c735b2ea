// One large cell part by part, so that what a run works on stays in cache, and memory grows with the atoms and not with
// their pairs. A stage is a graph of its own, cut from that of the model between two blocks: it takes some atoms to their
// next features, keys and values, given those of the atoms around them. docs/decisions/018-large-cells-in-stages.md.

import { packBatch } from '../src/periodic/batch.ts'
import { partsOf } from '../src/periodic/parts.ts'
import type { TableCrystal } from '../src/periodic/prepare.ts'
import { cuttable } from './cut-graph.ts'
import type { ModelContent } from './evaluator.ts'
import { EMBEDDING } from './outputs.ts'
import type { CellLimits } from './prepare.ts'
import { OUTPUT, type Outputs } from './runtime.ts'
import { type Feeds, feedsOf, type Session } from './session.ts'
import { keyName, stateName, valueName } from './stage-names.ts'

/** What is kept of the parts of a cell while it is evaluated is about 15 kB an atom at 10 Å, and its table as much. */
export const STAGED_LIMITS: CellLimits = { atoms: 20_480, images: 2 ** 23 }

/** A model cut into stages. */
export interface Stages {
  /** The named outputs of one crystal. */
  run(crystal: TableCrystal, outputs: readonly string[]): Promise<Outputs>
  release(): Promise<void>
}

/** A stage before it is opened: what it takes from the one before and gives to the next. */
interface Cut {
  readonly takes: readonly string[]
  readonly gives: readonly string[]
}

/** A part of a crystal as a run takes it. */
interface PackedPart {
  readonly atoms: number
  /** Numbers of the atoms around it in the crystal, its own first. */
  readonly sources: Int32Array
  readonly feeds: Feeds
}

/** Rows of all atoms by the name of the tensor, [atoms, width]. */
type Features = Map<string, { readonly data: Float32Array; readonly width: number }>

/**
 * The stages of a model, undefined where its graph has no names to cut it at: one of another network, or an older file.
 * They are opened with the first crystal.
 * @param atoms of a part at most
 */
export function stagesOf(
  { bytes, inputs, outputs }: ModelContent,
  open: (graph: Uint8Array) => Promise<Session>,
  atoms: number,
): Stages | undefined {
  const graph = cuttable(bytes)
  let blocks = 0
  while (graph.gives(keyName(blocks)) && graph.gives(valueName(blocks))) blocks++
  if (blocks === 0 || !graph.gives(stateName(blocks))) return undefined

  const between = (l: number) => (l < blocks ? [stateName(l), keyName(l), valueName(l)] : [stateName(blocks)])
  const cuts = Array.from(
    { length: blocks + 1 },
    (_, l): Cut => ({
      takes: l === 0 ? [] : between(l - 1),
      gives: between(l),
    }),
  )
  const last: Cut = {
    takes: between(blocks),
    gives: [OUTPUT, EMBEDDING].filter((name) => outputs.includes(name)),
  }
  let opened: Promise<Session[]> | undefined
  const openAll = async () => {
    const sessions: Session[] = []
    try {
      for (const { takes, gives } of [...cuts, last]) sessions.push(await open(graph.cut(takes, gives)))
      return sessions
    } catch (error) {
      // The next cell may find memory where this one did not.
      opened = undefined
      for (const session of sessions) await session.release()
      throw error
    }
  }

  return {
    async run(crystal, wanted) {
      const sessions = await (opened ??= openAll())
      const parts: PackedPart[] = []
      for (const { crystal: part, sources } of partsOf(crystal, atoms)) {
        parts.push({ atoms: part.atoms, sources, feeds: feedsOf(packBatch([part]), inputs) })
      }
      let features: Features = new Map()
      for (const [n, cut] of cuts.entries()) {
        const next: Features = new Map()
        for (const part of parts) {
          const around = rowsAround(part, cut.takes, features)
          const given = await sessions[n].run({ ...part.feeds, ...around }, cut.gives)
          for (const name of cut.gives) putRows(next, name, given[name].data, part, crystal.atoms)
        }
        features = next
      }
      const pool = { data: Float32Array.from(crystal.shares), dims: [1, crystal.atoms] }
      const { data, width } = features.get(stateName(blocks))!
      const state = { data, dims: [crystal.atoms, width] }
      return sessions[cuts.length].run({ pool, [stateName(blocks)]: state }, wanted)
    },
    async release() {
      for (const session of (await opened) ?? []) await session.release()
    },
  }
}

/** What a part takes of the features of all atoms: the state of its own, keys and values of those around, too. */
function rowsAround(
  { atoms: own, sources }: PackedPart,
  names: readonly string[],
  features: Features,
): Feeds {
  return Object.fromEntries(
    names.map((name, n) => {
      const { data, width } = features.get(name)!
      const atoms = n === 0 ? sources.subarray(0, own) : sources
      const rows = new Float32Array(atoms.length * width)
      atoms.forEach((i, at) => {
        rows.set(data.subarray(i * width, (i + 1) * width), at * width)
      })
      return [name, { data: rows, dims: [atoms.length, width] }]
    }),
  )
}

/** Puts the rows of the atoms of a part where they belong among all. */
function putRows(
  features: Features,
  name: string,
  rows: Float32Array,
  part: PackedPart,
  atoms: number,
): void {
  const own = part.atoms
  const width = rows.length / own
  const all = features.get(name) ?? { data: new Float32Array(atoms * width), width }
  features.set(name, all)
  for (let n = 0; n < own; n++) {
    all.data.set(rows.subarray(n * width, (n + 1) * width), part.sources[n] * width)
  }
}
